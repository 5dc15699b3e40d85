"""The tables of a page: each part of the mail with its rates, and a total that is the sum of the rows; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailgauge.changes import Change
from mailgauge.page_figures import (
    CLICK,
    COMPLAINT,
    DELAYED,
    DELIVERY,
    DIMENSIONS,
    NOTHING,
    OPEN,
    PERMANENT,
    TRANSIENT,
    Figures,
    Metric,
    Part,
)
from mailgauge.page_google import GMAIL, say_google
from mailgauge.page_words import counts_text, name_text, rate_text
from mailgauge.pages import Cell, Matrix, Row, Table
from mailgauge.rates import NO_DATA, Rate, line_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

COLUMNS = (DELIVERY, PERMANENT, TRANSIENT, DELAYED, COMPLAINT, OPEN, CLICK)

MATRICES = (COMPLAINT, PERMANENT, TRANSIENT)

MOST_ROWS = 25
"""A longer table is cut: its small parts stand together in one row, so that the sum still agrees."""

SILENT = f"{NO_DATA}: sends SES no reports"
"""The complaint rate of a provider whose complaints never reach SES."""

NONE_SEEN = "none seen"
"""No open or click at all: as likely not tracked as not opened, so it is not 0 %."""

_WIDE, _HIGH = 8, 8
"""How many providers and identities a matrix shows."""

_BOUNCE_LINES = (0.02, 0.05, 0.10)
"""AWS advises under 2 %, reviews from 5 % and may pause from 10 % (Amazon SES enforcement FAQ)."""

_TITLES = {
    "isp": ("By provider", "Who received the mail, and how each mailbox provider took it."),
    "identity": ("By identity", "The domains and addresses that the mail was sent from."),
    "configuration_set": ("By configuration set", "The configuration sets that the mail was sent through."),
    "tenant": ("By tenant", "The tenants that the mail was sent for."),
    "account_id": ("By account", "The AWS accounts that the mail was sent from."),
}
_GOOGLE = (
    "Gmail tells SES of no complaint: its number is Google's own (Postmaster Tools), of the mail in inboxes, and "
    "stands in no sum."
)
_ALWAYS = ("isp", "identity", "configuration_set")


def make_tables(figures: Figures) -> tuple[Table, ...]:
    """One table a dimension; tenants and accounts only where there is more than one."""
    chosen = {key: _list_sent(figures, key) for key in DIMENSIONS}
    return tuple(
        _make_table(figures, key, parts)
        for key, parts in chosen.items()
        if parts and (key in _ALWAYS or len(parts) > 1)
    )


def _list_sent(figures: Figures, key: str) -> list[Part]:
    """The parts that have any count on the day, most mail first."""
    day = figures.day
    sent = [
        part
        for part in figures.parts.get(key, ())
        if any(r.numerator or r.denominator for r in part.days.get(day, {}).values())
    ]
    return sorted(sent, key=lambda part: (-part.sends(day), str(part.names)))


def _make_table(figures: Figures, key: str, parts: Sequence[Part]) -> Table:
    shown, rest = (parts, ()) if len(parts) <= MOST_ROWS + 1 else (parts[:MOST_ROWS], parts[MOST_ROWS:])
    google = say_google(figures) if key == "isp" else ""
    rows = [_make_row(figures, key, part, google if part.names[0] == GMAIL else "") for part in shown]
    if rest:
        rows.append(_make_sum(figures, rest, f"{len(rest):,} smaller ones together", "rest"))
    rows.append(_make_sum(figures, parts, "All mail", "total"))
    title, sentence = _TITLES[key]
    return Table(
        key=key,
        title=title,
        sentence=" ".join([sentence, *([_GOOGLE] if google else []), *_say_worst(figures, parts)]),
        head=DIMENSIONS[key],
        columns=tuple(metric.label for metric in COLUMNS),
        scales=tuple(_find_scale(metric, index, rows) for index, metric in enumerate(COLUMNS)),
        rows=tuple(rows),
    )


def _say_worst(figures: Figures, parts: Sequence[Part]) -> list[str]:
    """Which part has the highest complaint and permanent bounce rate, where there is a choice."""
    said = []
    for metric in (COMPLAINT, PERMANENT):
        rates = {part.names[0]: part.rate(metric, figures.day) for part in parts}
        known = {name: rate for name, rate in rates.items() if rate.denominator >= figures.minimum}
        if len(known) <= 1:
            continue
        name = max(known, key=lambda one: known[one].value or 0.0)
        rate = known[name]
        if rate.numerator >= figures.min_complaints:
            what = f"Highest {metric.label.lower()} rate"
            said.append(f"{what}: {name_text(name)}, {rate_text(rate)} ({counts_text(rate)}).")
    return said


def _find_scale(metric: Metric, index: int, rows: Iterable[Row]) -> float:
    """The right end of the interval bars: whole for what is mostly high, else a bit over the highest rate shown."""
    if metric.is_good:
        return 1.0
    values = [cell.rate.value for row in rows if (cell := row.cells[index]).text.endswith("%") and cell.rate.value]
    least = 0.006 if metric is COMPLAINT else 0.02
    return min(1.0, max([least, *(value * 1.25 for value in values)]))


def _make_row(figures: Figures, key: str, part: Part, told: str) -> Row:
    """A row; `told` is what the provider says itself where SES has no complaint."""
    name = part.names[0]
    return Row(
        name_text(name),
        "unnamed" if name is None else "named",
        part.sends(figures.day),
        tuple(_tell(make_cell(figures, metric, part, is_silent=key == "isp"), told) for metric in COLUMNS),
    )


def _tell(cell: Cell, told: str) -> Cell:
    return replace(cell, text=told) if told and cell.text == SILENT else cell


def _make_sum(figures: Figures, parts: Iterable[Part], name: str, kind: str) -> Row:
    whole = sum_parts(parts, (figures.day, figures.day_before))
    cells = tuple(make_cell(figures, metric, whole) for metric in COLUMNS)
    return Row(name, kind, whole.sends(figures.day), cells)


def sum_parts(parts: Iterable[Part], days: Iterable[date]) -> Part:
    """Several parts as one: numerators and denominators are summed, a rate is divided last."""
    listed = list(parts)
    return Part(
        (),
        {
            day: {
                name: sum_rates(part.days.get(day, {}).get(name, NOTHING) for part in listed)
                for name in {name for part in listed for name in part.days.get(day, {})}
            }
            for day in days
        },
    )


def sum_rates(rates: Iterable[Rate]) -> Rate:
    """Several rates as one."""
    listed = list(rates)
    return Rate(sum(rate.numerator for rate in listed), sum(rate.denominator for rate in listed))


def make_cell(figures: Figures, metric: Metric, part: Part, *, is_silent: bool = False) -> Cell:
    """The rate of a part on the day, its line, and whether it is more than noise from the day before."""
    rate = part.rate(metric, figures.day)
    text = rate.words(figures.minimum)
    if text == NO_DATA and metric is COMPLAINT and is_silent and part.rate(DELIVERY, figures.day).numerator:
        text = SILENT
    if text.endswith("%") and metric in (OPEN, CLICK) and not rate.numerator:
        text = NONE_SEEN
    if not text.endswith("%"):
        return Cell(rate, text, "", "none", 0)
    line, level = _find_line(figures, metric, rate)
    change = Change(part.rate(metric, figures.day_before), rate)
    points = change.points or 0.0
    if not change.is_firm or part.rate(metric, figures.day_before).denominator < figures.minimum:
        return Cell(rate, text, "", "noise", level, line)
    is_bad = (points > 0) != metric.is_good
    said = f"{'up' if points > 0 else 'down'} from {rate_text(change.before)}"
    return Cell(rate, text, said, "bad" if is_bad else "good", level, line)


def _find_line(figures: Figures, metric: Metric, rate: Rate) -> tuple[str, int]:
    """The line that a rate is over, and how many it is over: only what the whole interval lies over is sure."""
    lines = {COMPLAINT: [line.share for line in figures.thresholds], PERMANENT: list(_BOUNCE_LINES)}.get(metric, [])
    reached = [line for line in lines if (rate.value or 0.0) >= line]
    if not reached or rate.numerator < figures.min_complaints:
        return "", 0
    low = rate.interval[0] if rate.interval else 0.0
    sure = [line for line in reached if low >= line]
    if sure:
        return f"over {line_text(sure[-1])}", len(sure)
    # An alert opens on the rate, so what may have sent one is marked even where it may be chance.
    is_alert = metric is COMPLAINT and reached[-1] >= figures.alert_line
    return f"over {line_text(reached[-1])}, may be chance", int(is_alert)


def make_matrices(figures: Figures) -> tuple[Matrix, ...]:
    """Identities by providers, the largest of both; none where there is only one of either."""
    identities = _list_sent(figures, "identity")[:_HIGH]
    providers = _list_sent(figures, "isp")
    if len(identities) <= 1 or len(providers) <= 1:
        return ()
    cells = {part.names: part for part in figures.cells}
    return tuple(_make_matrix(figures, metric, identities, providers, cells) for metric in MATRICES)


def _make_matrix(
    figures: Figures,
    metric: Metric,
    identities: Sequence[Part],
    providers: Sequence[Part],
    cells: dict[tuple[str | None, ...], Part],
) -> Matrix:
    """A provider without any rate of this metric (one that reports no complaints) has no column."""
    columns = [part.names[0] for part in providers if part.rate(metric, figures.day).denominator][:_WIDE]
    rows = tuple(
        Row(
            name_text(identity.names[0]),
            "unnamed" if identity.names[0] is None else "named",
            identity.sends(figures.day),
            tuple(_make_crossing(figures, metric, cells.get((identity.names[0], isp), Part())) for isp in columns),
        )
        for identity in identities
    )
    return Matrix(metric.name, metric.label, tuple(name_text(name) for name in columns), rows)


def _make_crossing(figures: Figures, metric: Metric, part: Part) -> Cell:
    cell = make_cell(figures, metric, part)
    return cell if part.rate(metric, figures.day).denominator else Cell(cell.rate, "–", "", "none", 0)
