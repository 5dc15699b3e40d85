"""Reads what a report page needs from the warehouse, and writes the page; an edge."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.errors import MailgaugeError
from mailgauge.findings import OPEN, Finding
from mailgauge.page_causes import (
    read_bounces,
    read_events,
    read_others,
    read_readers,
    read_subjects,
    read_unknown_texts,
)
from mailgauge.page_figures import (
    CLICK,
    DIMENSIONS,
    METRICS,
    Figures,
    Metric,
    OpenIncident,
    Part,
    Window,
    make_part,
    make_rates,
)
from mailgauge.page_figures import (
    OPEN as OPENED,
)
from mailgauge.page_inbound import read_streams
from mailgauge.page_parts import compose_page
from mailgauge.pages import render_page
from mailgauge.rates import Rate
from mailgauge.status import read_status
from mailgauge.systems import read_systems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mailgauge.pages import Page
    from mailgauge.settings import Settings
    from mailgauge.warehouse import Warehouse

_CELL_METRICS = tuple(metric for metric in METRICS if metric not in (OPENED, CLICK))
"""What a crossing of two dimensions is read for."""

_WORST = 3
"""How many identities at providers stand under each window."""


def write_report(  # noqa: PLR0913 (what a page is of, where it goes, and what others say of it)
    lake: Warehouse,
    settings: Settings,
    *,
    day: date,
    out: Path,
    now: datetime,
    banner: Sequence[str] = (),
    not_checked: Sequence[str] = (),
) -> Path:
    """Write the page of `day` into the folder `out` as YYYY-MM-DD.html and return its path.

    `banner` holds the warnings of the quality gate, `not_checked` what the advisor could not judge, in sentences.
    """
    html = render_page(read_page(lake, settings, day=day, now=now, gate=banner, not_checked=not_checked))
    path = out / f"{day.isoformat()}.html"
    try:
        out.mkdir(parents=True, exist_ok=True)
        # Whoever has the old page open never sees half of the new one.
        unfinished = path.with_suffix(".html.part")
        unfinished.write_text(html, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise MailgaugeError(f"The report {path} cannot be written: {error.strerror}; name another folder.") from error
    return path


def read_page(  # noqa: PLR0913 (the same)
    lake: Warehouse,
    settings: Settings,
    *,
    day: date,
    now: datetime,
    gate: Sequence[str] = (),
    not_checked: Sequence[str] = (),
) -> Page:
    """The page of `day`; `now` is when it is made."""
    return compose_page(read_figures(lake, settings, day=day, now=now, gate=gate, not_checked=not_checked))


def read_figures(  # noqa: PLR0913 (the same)
    lake: Warehouse,
    settings: Settings,
    *,
    day: date,
    now: datetime,
    gate: Sequence[str] = (),
    not_checked: Sequence[str] = (),
) -> Figures:
    """All counts, findings and the state of the warehouse that the page of `day` is made from."""
    days = [day, day - timedelta(days=1), day - timedelta(days=7)]
    span = max(settings.report.trend_days, 8)
    trend = [day - timedelta(days=back) for back in range(span)]
    minimum = settings.report.minimum_denominator
    findings = _read_findings(lake, now)
    since, usual = _read_usual(lake, ("identity", "isp"), day)
    whole = (*_read_parts(lake, (), METRICS, trend), Part())[0]
    return Figures(
        day=day,
        made_at=now,
        trend_days=settings.report.trend_days,
        minimum=minimum,
        min_complaints=settings.alert.min_complaints,
        alert_line=settings.alert.complaint_rate,
        whole=_add_usual(whole, _read_usual(lake, (), day)[1], since, day),
        parts={key: _read_parts(lake, (key,), METRICS, days) for key in DIMENSIONS},
        cells=tuple(
            _add_usual(part, usual, since, day)
            for part in _read_parts(lake, ("identity", "isp"), _CELL_METRICS, days)
            if day in part.days
        ),
        sets=_read_parts(lake, ("identity", "configuration_set"), _CELL_METRICS, days),
        subjects=read_subjects(lake, day),
        bounces=read_bounces(lake, day),
        unknown_texts=read_unknown_texts(lake, day),
        others=read_others(lake, day),
        readers=read_readers(lake, day),
        events=read_events(lake, max([day, *(one.day for one in findings if one.day)])),
        usual_since=since,
        human=_read_human(lake, day),
        windows=_read_windows(lake, settings, day),
        incidents=_read_incidents(lake),
        findings=findings,
        not_checked=tuple(not_checked),
        status=read_status(lake),
        banner=tuple(gate),
        unseen=_read_unseen(lake, day, 1),
        unseen_month=_read_unseen(lake, day, 31),
        systems=read_systems(lake, settings, day),
        pools=settings.pools,
        **read_streams(lake, day, settings.report.trend_days),
    )


def _read_parts(
    lake: Warehouse, dimensions: Sequence[str], metrics: Sequence[Metric], days: Sequence[date]
) -> tuple[Part, ...]:
    """One part for each combination of `dimensions`."""
    grouped: dict[tuple[str | None, ...], list[dict[str, Any]]] = {}
    for row in lake.rows(_write_query(dimensions, metrics), [list(days)]):
        grouped.setdefault(tuple(row[name] for name in dimensions), []).append(row)
    return tuple(make_part(key, found) for key, found in sorted(grouped.items(), key=lambda item: str(item[0])))


def _write_query(dimensions: Sequence[str], metrics: Sequence[Metric], *, is_by_day: bool = True) -> str:
    """The query for the sums of `metrics` on given days: the metrics themselves say what is divided by what."""
    keys = "".join(f'm."{name}", ' for name in ["day"] * is_by_day + list(dimensions))
    union = " union all by name ".join(
        f"select * exclude (numerator, denominator), numerator as {metric.name}_n, denominator as {metric.name}_d "
        f"from metrics.{metric.name}"
        for metric in metrics
    )
    sums = ", ".join(
        f"sum(m.{metric.name}_{side})::bigint as {metric.name}_{side}" for metric in metrics for side in "nd"
    )
    return f"""
        select {keys}{sums}
        from ({union}) as m
        where m."day" in (select unnest(?::date[]))
        group by all
    """


def _read_usual(
    lake: Warehouse, keys: Sequence[str], day: date
) -> tuple[date | None, dict[tuple[str | None, ...], dict[str, Rate]]]:
    """The rates over the four weeks that end two days before, by `keys`, and the first day there with mail."""
    four_weeks = [day - timedelta(days=back) for back in range(2, 30)]
    rows = lake.rows(_write_query(keys, METRICS, is_by_day=False), [four_weeks])
    since = lake.value(
        'select min("day") from marts.daily where "day" between ? and ? and sends > 0', [four_weeks[-1], four_weeks[0]]
    )
    return since, {tuple(row[key] for key in keys): make_rates(row) for row in rows if since}


def _add_usual(part: Part, usual: dict[tuple[str | None, ...], dict[str, Rate]], since: date | None, day: date) -> Part:
    days = (day - since).days - 1 if since else 0
    return replace(part, usual=usual.get(part.names, {}), usual_days=days)


def _read_human(lake: Warehouse, day: date) -> dict[str, Rate]:
    row = lake.rows(
        """
        select
            coalesce(sum(human_opens), 0)::bigint as opens,
            coalesce(sum(human_clicks), 0)::bigint as clicks,
            coalesce(sum(deliveries), 0)::bigint as deliveries
        from marts.daily
        where "day" = ?
        """,
        [day],
    )[0]
    return {OPENED.name: Rate(row["opens"], row["deliveries"]), CLICK.name: Rate(row["clicks"], row["deliveries"])}


def _read_unseen(lake: Warehouse, day: date, length: int) -> Rate:
    row = lake.rows(
        """
        select coalesce(sum(numerator), 0)::bigint as numerator, coalesce(sum(denominator), 0)::bigint as denominator
        from metrics.sends_unseen_share
        where "day" between ? and ?
        """,
        [day - timedelta(days=length - 1), day],
    )[0]
    return Rate(**row)


def _read_windows(lake: Warehouse, settings: Settings, day: date) -> tuple[Window, ...]:
    """The trailing windows of the alert: all mail, and the identities at providers furthest over the line."""
    windows: list[Window] = []
    for length in sorted(set(settings.alert.windows_days)):
        rows = lake.rows(
            """
            select
                identity,
                isp,
                sum(complaints)::bigint as complaints,
                sum(feedback_deliveries)::bigint as deliveries
            from marts.daily_by_event_day
            where "day" between ? and ?
            group by all
            """,
            [day - timedelta(days=length - 1), day],
        )
        whole = Rate(sum(row["complaints"] for row in rows), sum(row["deliveries"] for row in rows))
        windows.append(Window(length, (), whole))
        cells = [
            Window(length, (row["identity"], row["isp"]), Rate(row["complaints"], row["deliveries"])) for row in rows
        ]
        windows += _pick_worst(cells, settings)
    return tuple(windows)


def _pick_worst(cells: list[Window], settings: Settings) -> list[Window]:
    """Those with the most complaints over what the line allows, and with enough complaints to say so."""

    def excess(cell: Window) -> float:
        return cell.rate.numerator - settings.alert.complaint_rate * cell.rate.denominator

    over = [cell for cell in cells if cell.rate.numerator >= settings.alert.min_complaints and excess(cell) > 0]
    return sorted(over, key=lambda cell: (-excess(cell), str(cell.names)))[:_WORST]


def _read_incidents(lake: Warehouse) -> tuple[OpenIncident, ...]:
    rows = lake.rows(
        """
        select identity, isp, opened_day, peak_day, peak_complaints, peak_deliveries
        from advisor.incidents
        where closed_day is null
        order by opened_day, identity, isp
        """
    )
    return tuple(
        OpenIncident(
            row["identity"],
            row["isp"],
            row["opened_day"],
            row["peak_day"],
            Rate(row["peak_complaints"], row["peak_deliveries"]),
        )
        for row in rows
    )


def _read_findings(lake: Warehouse, now: datetime) -> tuple[Finding, ...]:
    rows = lake.rows(
        "select * from advisor.findings where status = ? and (muted_until is null or muted_until <= ?)", [OPEN, now]
    )
    return tuple(
        Finding(**row | {"evidence": json.loads(row["evidence"]), "reference_urls": tuple(row["reference_urls"])})
        for row in rows
    )
