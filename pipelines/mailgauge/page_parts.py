"""Makes a page from the figures that were read; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mailgauge.changes import Mover, list_movers
from mailgauge.headlines import write_headline
from mailgauge.page_aws import make_aws
from mailgauge.page_figures import DELIVERY, METRICS, USUAL, Figures
from mailgauge.page_findings import make_findings, say_findings
from mailgauge.page_machines import make_machines
from mailgauge.page_others import make_others
from mailgauge.page_reasons import make_reasons
from mailgauge.page_streams import make_inbound, make_mail_manager
from mailgauge.page_summary import write_summary
from mailgauge.page_systems import make_systems
from mailgauge.page_tables import make_matrices, make_tables
from mailgauge.page_tiles import make_hero, make_tiles
from mailgauge.page_words import (
    counts_text,
    join_words,
    long_day,
    many_text,
    points_text,
    rate_text,
    short_day,
    span_text,
    where_text,
)
from mailgauge.pages import MoverLine, Page, Trend, TrendDay, Trust
from mailgauge.rates import NO_DATA, line_text

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_MOVERS = 8

_BUSY = 500
"""Who sends so much a day has events of every hour; a small sender's quiet evening is no gap."""


def compose_page(figures: Figures) -> Page:
    """Make the page of a day."""
    has_mail = figures.whole.sends(figures.day) > 0
    headline = write_headline(figures)
    if not has_mail and figures.unseen.numerator:
        headline = replace(headline, deck=(*headline.deck, _say_unseen(figures)))
    hero = make_hero(figures) if has_mail else None
    tiles = make_tiles(figures) if has_mail else ()
    movers, compared = _pick_movers(figures) if has_mail else ([], 0)
    findings = make_findings(figures)
    trust = make_trust(figures)
    return Page(
        day=figures.day,
        made_at=figures.made_at,
        banner=figures.banner,
        headline=headline,
        hero=hero,
        tiles=tiles,
        movers=tuple(_make_line(mover) for mover in movers),
        movers_sentence=_say_movers(figures, movers, compared),
        usual=say_usual(figures),
        findings=findings,
        findings_sentence=say_findings(findings, figures.not_checked),
        not_checked=figures.not_checked,
        windows=figures.windows,
        windows_sentence=_say_windows(figures),
        alert_line=figures.alert_line,
        minimum=figures.minimum,
        incidents=figures.incidents,
        trend=make_trend(figures),
        matrices=make_matrices(figures) if has_mail else (),
        tables=make_tables(figures),
        others=make_others(figures),
        reasons=make_reasons(figures) if has_mail else None,
        machines=make_machines(figures),
        aws=make_aws(figures),
        sections=tuple(
            part for part in (*make_systems(figures), make_inbound(figures), make_mail_manager(figures)) if part
        ),
        trust=trust,
        summary=write_summary(figures, headline=headline, hero=hero, tiles=tiles, findings=findings, trust=trust),
    )


def _pick_movers(figures: Figures) -> tuple[list[Mover], int]:
    """The biggest movers among those that are more than noise, and how many rates were compared."""
    movers = list_movers(figures, figures.cells, ("identity", "isp"))
    firm = [mover for mover in movers if mover.is_firm and mover.compared]
    return firm[:MOST_MOVERS], len(movers)


def _make_line(mover: Mover) -> MoverLine:
    return MoverLine(
        where=where_text(mover.dimensions, mover.names),
        metric=mover.metric.label,
        after=mover.after,
        day_before=mover.day_before,
        week_before=mover.week_before,
        usual=mover.usual,
        recipients=mover.after.denominator,
        share=_say_share(mover),
        verdict=_say_verdict(mover),
        tone="bad" if mover.is_bad else "good",
    )


def _say_verdict(mover: Mover) -> str:
    apart = [_the(base) for base, _, firm in mover.compared if firm]
    alike = [_the(base) for base, _, firm in mover.compared if not firm]
    said = f"{'Worse' if mover.is_bad else 'Better'} than {join_words(apart)}"
    return f"{said}, within the noise of {join_words(alike)}" if alike else said


def _the(base: str) -> str:
    return base if base == USUAL else f"the {base}"


def _say_share(mover: Mover) -> str:
    """How much of the change of all mail it makes; nothing where that change is too small to share out."""
    if mover.share is None:
        return ""
    since = "against the usual" if mover.base == USUAL else f"since the {mover.base}"
    much = "all" if mover.share > 1 else f"{mover.share * 100:.0f} %"
    return f"{much} of the change of all mail {since} ({points_text(mover.whole_change)})"


def say_usual(figures: Figures) -> str:
    """What usual means on this page."""
    if figures.usual_since is None:
        return "There is no usual yet: no mail is known of the four weeks that end two days before."
    return f"Usual is the average of {span_text(figures.usual_since, figures.usual_until)}."


def _say_movers(figures: Figures, movers: Sequence[Mover], compared: int) -> str:
    if not any(figures.rate_at(figures.whole, DELIVERY, base).denominator for base in (*figures.bases, USUAL)):
        return "There is no earlier mail to compare this day with."
    with_what = f"{long_day(figures.day_before)}, {long_day(figures.week_before)} and the usual"
    if not compared:
        return f"No identity has {figures.minimum:,} recipients at one provider: too few to compare with {with_what}."
    if not movers:
        return f"Nothing moved beyond the noise: {compared:,} rates were compared with {with_what}."
    return (
        f"{compared:,} rates of an identity at a provider were compared with {with_what}; "
        f"{'this one' if len(movers) == 1 else f'these {len(movers)}'} moved beyond the noise, the weightiest first."
    )


def _say_windows(figures: Figures) -> str:
    end = figures.day
    over = [
        window for window in figures.windows if not window.names and (window.rate.value or 0.0) >= figures.alert_line
    ]
    line = line_text(figures.alert_line)
    counted = f"Alerts count complaints and deliveries both by the day they happened, up to {long_day(end)}"
    if not over:
        return f"{counted}; all mail together is under the {line} line."
    days = " and ".join(f"{window.days} day{'s' * (window.days > 1)}" for window in over)
    return f"{counted}; all mail together is over the {line} line over {days}."


def make_trend(figures: Figures) -> Trend:
    """The days of the trend; a day without mail is a gap."""
    days = tuple(
        TrendDay(
            day,
            figures.whole.sends(day),
            {metric.name: figures.whole.rate(metric, day) for metric in METRICS},
        )
        for day in figures.trend
    )
    return Trend(days, figures.minimum, figures.thresholds, _say_gaps(figures, days))


def _say_gaps(figures: Figures, days: Sequence[TrendDay]) -> str:
    begin = ""
    if len(days) < figures.trend_days:
        begin = f"No mail is known of the days before {short_day(days[0].day)}"
    missing = [one for one in days if not one.sends]
    if not missing:
        return begin and f"{begin}; since then some was sent every day."
    named = ", ".join(short_day(one.day) for one in missing[:6]) + (" and others" if len(missing) > 6 else "")  # noqa: PLR2004 (a line's worth)
    gaps = f"No mail was sent on {len(missing)} of the {len(days)} days ({named}): gaps, not zeros."
    return f"{begin}. {gaps}" if begin else gaps


def make_trust(figures: Figures) -> Trust:
    """How far the numbers can be trusted, in a line and in sentences."""
    status = figures.status
    problems = []
    if status.objects_failed:
        problems.append(f"{many_text(status.objects_failed, 'object')} could not be read; each run tries again.")
    problems += [f"The sums do not agree: {text}." for text in status.disagreements]
    if status.unbuilt_objects:
        problems.append(
            f"{many_text(status.unbuilt_objects, 'object')} came after the marts were built: run `mailgauge build`."
        )
    newest = status.newest_event_at
    if newest is not None and newest.date() < figures.day:
        problems.append(f"The newest event is of {newest:%Y-%m-%d %H:%M} UTC: nothing of this day has arrived.")
    is_busy = figures.whole.usual_sends >= _BUSY
    if is_busy and newest is not None and newest.date() == figures.day and newest.hour < 22:  # noqa: PLR2004 (a quiet last hour is no gap)
        problems.append(f"The newest event is of {newest:%H:%M} UTC on this day: the rest of it may not have arrived.")
    line = (
        f"{many_text(status.objects_loaded, 'object')} loaded, {status.objects_failed:,} failed · "
        f"{many_text(status.loaded, 'record')}, {many_text(status.duplicates, 'duplicate')}, "
        f"{status.quarantined:,} quarantined · newest event "
        f"{f'{newest:%Y-%m-%d %H:%M} UTC' if newest else NO_DATA} · snapshot {status.snapshot}"
    )
    said = _say_unseen(figures) if figures.unseen_month.numerator else ""
    return Trust(status, "warn" if problems else "calm", line, tuple(problems), figures.unseen, said)


def _say_unseen(figures: Figures) -> str:
    """How much feedback came without its Send, on the day and over the days that the gate judges."""
    day, month = figures.unseen, figures.unseen_month
    share = f" ({rate_text(day)})" if day.numerator else ""
    return (
        f"Of the mail sent on this day, {counts_text(day)} recipients{share} have feedback and no Send event, "
        f"over the 31 days to it {counts_text(month)} ({rate_text(month)}). Their feedback counts in every figure but "
        "they are not in “sent to”, so that rates over the recipients tried are too high by them."
    )
