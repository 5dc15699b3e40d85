"""The figure of the day and the tiles of a page, each against the day before, the week before and the usual; pure."""

from __future__ import annotations

from mailgauge.changes import Change
from mailgauge.page_figures import (
    CLICK,
    COMPLAINT,
    DAY_BEFORE,
    DELAYED,
    DELIVERY,
    OPEN,
    OVERALL,
    PERMANENT,
    SUPPRESSED,
    TRANSIENT,
    USUAL,
    WEEK_BEFORE,
    Figures,
    Metric,
)
from mailgauge.page_words import counts_text, name_text, points_text
from mailgauge.pages import Delta, Hero, Tile
from mailgauge.rates import NO_DATA, TOO_FEW, percent

_BASES = (DAY_BEFORE, WEEK_BEFORE, USUAL)

_MEANINGS = {
    DELIVERY: "{counts} recipients tried were delivered.",
    PERMANENT: "{counts} refused for good; AWS reviews accounts from 5 %.",
    TRANSIENT: "{counts} given up after temporary errors.",
    DELAYED: "{counts} put off at least once: often a first sign of trouble.",
    OPEN: "{counts} delivered; {human} without machines.",
    CLICK: "{counts} delivered; {human} without machines.",
    SUPPRESSED: "{counts} kept back by suppression lists; they are in no rate.",
}


def make_hero(figures: Figures) -> Hero:
    """The complaint rate of all mail, against its lines and its past."""
    rate = figures.whole.rate(COMPLAINT, figures.day)
    known = [day for day in figures.trend if figures.whole.rate(COMPLAINT, day).denominator >= figures.minimum]
    peak = max(known, key=lambda day: figures.whole.rate(COMPLAINT, day).value or 0.0, default=None)
    text = rate.words(figures.minimum)
    level = rate.value or 0.0
    tone = "calm" if level < figures.thresholds[0].share else "bad" if level >= figures.alert_line else "warn"
    return Hero(
        rate=rate,
        overall=figures.whole.rate(OVERALL, figures.day),
        text=text,
        tone=tone if text.endswith("%") else "empty",
        deltas=tuple(_compare(figures, COMPLAINT, base) for base in _BASES),
        thresholds=figures.thresholds,
        day=figures.day,
        peak=figures.whole.rate(COMPLAINT, peak) if peak else None,
        peak_day=peak,
        peak_span=len(figures.trend),
    )


def make_tiles(figures: Figures) -> tuple[Tile, ...]:
    """The volume and the rates of the day."""
    return (_make_volume(figures), *(_make_tile(figures, metric) for metric in _MEANINGS))


def _make_volume(figures: Figures) -> Tile:
    day = figures.day
    sends = figures.whole.sends(day)
    largest = max(figures.parts.get("isp", ()), key=lambda part: part.sends(day), default=None)
    meaning = "Recipients that mail was sent to."
    if largest and largest.sends(day):
        share = percent(largest.sends(day) / sends)
        meaning = f"Recipients that mail was sent to; {share} of them at {name_text(largest.names[0])}."
    history = tuple(float(count) if (count := figures.whole.sends(one)) else None for one in figures.trend)
    earlier = {base: float(figures.whole.sends(one)) for base, one in figures.bases.items()}
    earlier[USUAL] = figures.whole.usual_sends
    deltas = tuple(_compare_volume(base, before, sends) for base, before in earlier.items())
    return Tile("Sent", f"{sends:,}", None, deltas, meaning, history)


def _compare_volume(since: str, before: float, after: int) -> Delta:
    """A count has no interval, so it is neither better nor worse nor noise."""
    if not before:
        return Delta(since, "no mail", "", "none")
    share = after / before - 1
    number = f"{abs(share) * 100:,.0f}"
    sign = "±" if number == "0" else "+" if share > 0 else "\N{MINUS SIGN}"
    return Delta(since, f"{before:,.0f}", f"{sign}{number} %", "amount")


def _make_tile(figures: Figures, metric: Metric) -> Tile:
    rate = figures.whole.rate(metric, figures.day)
    human = figures.human.get(metric.name)
    meaning = _MEANINGS[metric].format(
        counts=counts_text(rate), human=human.words(figures.minimum) if human else NO_DATA
    )
    history = (figures.whole.rate(metric, day) for day in figures.trend)
    return Tile(
        label=metric.label,
        text=rate.words(figures.minimum),
        rate=rate,
        deltas=tuple(_compare(figures, metric, base) for base in _BASES),
        meaning=meaning,
        history=tuple(one.value if one.denominator >= figures.minimum else None for one in history),
    )


def _compare(figures: Figures, metric: Metric, base: str) -> Delta:
    change = Change(figures.rate_at(figures.whole, metric, base), figures.whole.rate(metric, figures.day))
    before = change.before.words(figures.minimum)
    if change.points is None:
        return Delta(base, before, "", "none")
    if before == TOO_FEW or change.after.denominator < figures.minimum:
        return Delta(base, before, "", "none")
    if not change.is_firm:
        return Delta(base, before, points_text(change.points), "noise")
    tone = "bad" if (change.points > 0) != metric.is_good else "good"
    return Delta(base, before, points_text(change.points), tone)
