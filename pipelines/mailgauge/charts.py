"""The drawings of a page: plotly figures as JSON, and the geometry of small SVG pictures; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.page_figures import COMPLAINT, DELIVERY, PERMANENT, TRANSIENT, Metric
from mailgauge.page_words import counts_text, interval_text, rate_text, short_day
from mailgauge.rates import NO_DATA, TOO_FEW, Rate, line_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from mailgauge.pages import Hero, Table, Trend, TrendDay

BOUNCE_LINE = 0.05
"""AWS reviews an account from a bounce rate of 5 % (Amazon SES enforcement FAQ)."""

SPARK_WIDTH, SPARK_HEIGHT = 132, 30
_PAD = 3
_LEAST_SCALE = 0.006
_COARSE = 0.004
"""Scales that end below need two decimals to tell their ticks apart."""
_TURN = 65.0
"""From so many percent of the width a label stands to the left of its mark, so that it stays in the picture."""
_TURN_TODAY = 35.0
"""The day's label turns early: the peak is never to the left of the day, and so never in its way."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, and the same numbers as a table."""

    key: str
    title: str
    label: str
    """What a screen reader says in place of the drawing."""
    figure: dict[str, Any]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Spark:
    """A line through the last days, with gaps; the last day is a dot."""

    path: str
    dot: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a bar, in percent of its width, with a label beside it."""

    at: float
    text: str
    anchor: str
    """start or end: where the label's text begins or ends at the mark."""
    shift: int
    """How far the label stands from its mark, in pixels."""
    row: int
    """0 for the label that stands furthest from the bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval and its point on a scale from 0, in percent of the width; None where there is none."""

    start: float | None
    width: float
    at: float | None


@dataclass(frozen=True, slots=True)
class Gauge:
    """The figure of the day on its bar: lines, the day with its interval, and the peak."""

    bar: Bar
    today: Mark | None
    peak: Mark | None
    lines: tuple[Mark, ...]
    label: str


def draw_spark(history: Sequence[float | None]) -> Spark:
    """A sparkline of the days since the first known; it fills the height, and one day alone is a short dash."""
    known = [value for value in history if value is not None]
    if not known:
        return Spark("", None)
    low, high = min(known), max(known)
    step = (SPARK_WIDTH - 2 * _PAD) / max(len(history) - 1, 1)

    def place(index: int, value: float) -> tuple[float, float]:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_PAD + index * step, 1), round(SPARK_HEIGHT - _PAD - share * (SPARK_HEIGHT - 2 * _PAD), 1)

    path: list[str] = []
    for index, value in enumerate(history):
        if value is None:
            continue
        x, y = place(index, value)
        starts = index == 0 or history[index - 1] is None
        alone = starts and (index + 1 == len(history) or history[index + 1] is None)
        path.append(f"{'M' if starts else 'L'}{x} {y}" + ("h1.5" if alone else ""))
    last = history[-1]
    return Spark("".join(path), None if last is None else place(len(history) - 1, last))


def draw_bar(rate: Rate, scale: float) -> Bar:
    """The interval of a rate on a scale from 0 to `scale`; what reaches beyond it is cut."""
    if rate.value is None or rate.interval is None:
        return Bar(None, 0, None)
    low, high = (_percent(share, scale) for share in rate.interval)
    return Bar(low, round(max(high - low, 0.5), 2), _percent(rate.value, scale))


def _percent(share: float, scale: float) -> float:
    return round(min(share / scale, 1.0) * 100, 2)


def fit_scale(table: Table, column: int) -> float:
    """The scale of a column's bars: no longer than a bit over the highest rate in it."""
    shown = [cell.rate.value or 0.0 for row in table.rows if (cell := row.cells[column]).text.endswith("%")]
    return min(table.scales[column], max([_LEAST_SCALE, *(value * 1.25 for value in shown)]))


def draw_gauge(hero: Hero) -> Gauge:
    """The bar under the figure of the day: from 0 to a little beyond all that stands on it."""
    has_rate = hero.text.endswith("%")
    high = hero.rate.interval[1] if has_rate and hero.rate.interval else 0.0
    peak = (hero.peak.value or 0.0) if hero.peak else 0.0
    value = (hero.rate.value or 0.0) if has_rate else 0.0
    scale = max(hero.thresholds[-1].share * 1.6, min(high * 1.1, value * 3), peak * 1.12)
    # The line furthest left has its label furthest down, under the shorter lines: no label crosses a line.
    lines = tuple(
        _mark(one.share, scale, f"{line_text(one.share)} {one.name}", row=row)
        for row, one in enumerate(hero.thresholds)
    )
    is_peak = hero.peak == hero.rate or bool(hero.peak and rate_text(hero.peak) == hero.text)
    turned = _percent(value, scale) > _TURN_TODAY
    said_today = f"{hero.text} on {short_day(hero.day)}" + (
        f", the peak of {hero.peak_span} days" if hero.peak_day == hero.day else ""
    )
    if is_peak and hero.peak_day and hero.peak_day != hero.day:
        said_today += f", as at the peak on {short_day(hero.peak_day)}"
    today = _mark(value, scale, said_today, row=int(turned), turn=_TURN_TODAY) if has_rate else None
    top = None
    if hero.peak and hero.peak_day and not is_peak:
        top = _mark(peak, scale, f"peak {rate_text(hero.peak)} on {short_day(hero.peak_day)}", row=int(not turned))
    said = [mark.text for mark in (today, top, *lines) if mark]
    bar = draw_bar(hero.rate, scale) if has_rate else Bar(None, 0, None)
    return Gauge(bar, today, top, lines, "Complaint rate on a scale from 0: " + "; ".join(said))


def _mark(share: float, scale: float, text: str, *, row: int, turn: float = _TURN) -> Mark:
    at = _percent(share, scale)
    return Mark(at, text, "end", -6, row) if at > turn else Mark(at, text, "start", 6, row)


def make_charts(trend: Trend) -> tuple[Chart, ...]:
    """The charts of the trend; none where no day had mail."""
    if not any(day.sends for day in trend.days):
        return ()
    return _chart_complaints(trend), _chart_delivery(trend), _chart_volume(trend)


def _chart_complaints(trend: Trend) -> Chart:
    traces = [_band(trend, COMPLAINT, "var(--band)"), _line(trend, COMPLAINT, "var(--accent)")]
    top = _find_top(trend)
    shapes = [_threshold(line.share) for line in trend.thresholds]
    names = [
        # Side by side, not one over the other: on a tall scale the lines lie close together.
        _note(line.share, f"{line_text(line.share)} {line.name}", index / len(trend.thresholds))
        for index, line in enumerate(trend.thresholds)
    ]
    figure = _figure(
        traces,
        trend,
        yaxis=_axis(range=[0, top], tickformat=".1%" if top >= _COARSE else ".2%"),
        shapes=shapes,
        annotations=names,
    )
    rows = tuple((short_day(day.day), *_say(day.rates[COMPLAINT.name], trend.minimum)) for day in reversed(trend.days))
    title = f"Complaint rate, {len(trend.days)} days"
    return Chart("complaints", title, f"{title}, with its 95 % interval", figure, ("Day", *_RATE_HEAD), rows)


_RATE_HEAD = ("Rate", "Complaints of deliveries", "95 % interval")


def _find_top(trend: Trend) -> float:
    """The end of the scale: over the highest line, and over the intervals unless they are mostly width."""
    known = [rate for day in trend.days if (rate := day.rates[COMPLAINT.name]).denominator >= trend.minimum]
    tops = [min(rate.interval[1], rate.value * 2.5) for rate in known if rate.interval and rate.value]
    return max([trend.thresholds[-1].share * 1.2, *(top * 1.08 for top in tops)])


def _chart_delivery(trend: Trend) -> Chart:
    traces = [
        _line(trend, DELIVERY, "var(--accent)"),
        _line(trend, PERMANENT, "var(--bad)", axis="y2"),
        _line(trend, TRANSIENT, "var(--warn)", axis="y2", dash="dot"),
    ]
    figure = _figure(
        traces,
        trend,
        height=360,
        yaxis=_axis(domain=[0.56, 1], tickformat=".1%", nticks=4),
        yaxis2=_axis(domain=[0, 0.44], tickformat=".0%", rangemode="tozero"),
        xaxis_anchor="y2",
        shapes=[_threshold(BOUNCE_LINE, axis="y2")],
        annotations=[_note(BOUNCE_LINE, f"{line_text(BOUNCE_LINE)} AWS reviews", 0, axis="y2")],
        showlegend=True,
    )
    shown = (DELIVERY, PERMANENT, TRANSIENT)
    rows = tuple(
        (short_day(day.day), *(_brief(day.rates[metric.name], trend.minimum) for metric in shown))
        for day in reversed(trend.days)
    )
    title = f"Delivery and bounces, {len(trend.days)} days"
    head = ("Day", *(metric.label for metric in shown))
    return Chart("delivery", title, f"{title}, as shares of the recipients tried", figure, head, rows)


def _chart_volume(trend: Trend) -> Chart:
    days = [day for day in trend.days if day.sends]
    last = trend.days[-1].day
    bars = {
        "type": "bar",
        "name": "Recipients",
        "x": [day.day.isoformat() for day in days],
        "y": [day.sends for day in days],
        "text": [f"{day.sends:,} recipients" for day in days],
        "textposition": "none",
        "hovertemplate": "%{x|%a %-d %b}: %{text}<extra></extra>",
        "marker": {"color": ["var(--accent)" if day.day == last else "var(--quiet)" for day in days]},
    }
    figure = _figure([bars], trend, height=220, yaxis=_axis(rangemode="tozero", tickformat=",d"), bargap=0.25)
    rows = tuple((short_day(day.day), f"{day.sends:,}" if day.sends else NO_DATA) for day in reversed(trend.days))
    title = f"Recipients sent to, {len(trend.days)} days"
    return Chart("volume", title, f"{title}, by day of sending", figure, ("Day", "Recipients"), rows)


def _is_known(trend: Trend, day: TrendDay, metric: Metric) -> bool:
    return day.rates[metric.name].denominator >= trend.minimum


def _line(trend: Trend, metric: Metric, color: str, axis: str = "y", dash: str = "solid") -> dict[str, Any]:
    """A rate by day; a day without data, or with too little, is a gap."""
    rates = [day.rates[metric.name] if _is_known(trend, day, metric) else None for day in trend.days]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": metric.label,
        "x": [day.day.isoformat() for day in trend.days],
        "y": [rate and rate.value for rate in rates],
        "text": [rate and f"{rate_text(rate)} ({counts_text(rate)}, 95 % {interval_text(rate)})" for rate in rates],
        "hovertemplate": f"%{{x|%a %-d %b}}: {metric.label.lower()} %{{text}}<extra></extra>",
        "connectgaps": False,
        "line": {"color": color, "width": 2, "dash": dash},
        "marker": {"color": color, "size": 5},
        "yaxis": axis,
    }


def _band(trend: Trend, metric: Metric, color: str) -> dict[str, Any]:
    """The intervals as one closed shape for each run of days without a gap."""
    x: list[str | None] = []
    y: list[float | None] = []
    for run in _list_runs(trend, metric):
        days, lows, highs = [day.isoformat() for day, _, _ in run], [r[1] for r in run], [r[2] for r in run]
        x += [*days, *reversed(days), days[0], None]
        y += [*highs, *reversed(lows), highs[0], None]
    line = {"color": color, "width": 1}
    shape = {"type": "scatter", "mode": "lines", "fill": "toself", "fillcolor": color, "line": line}
    return shape | {"name": "95 % interval", "x": x, "y": y, "hoverinfo": "skip"}


def _list_runs(trend: Trend, metric: Metric) -> Iterable[list[tuple[date, float, float]]]:
    run: list[tuple[date, float, float]] = []
    for day in trend.days:
        interval = day.rates[metric.name].interval if _is_known(trend, day, metric) else None
        if interval:
            run.append((day.day, *interval))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _threshold(share: float, axis: str = "y") -> dict[str, Any]:
    line = {"color": "var(--ink)", "width": 1, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": axis, "y0": share, "y1": share, "line": line}


def _note(share: float, text: str, x: float, axis: str = "y") -> dict[str, Any]:
    place = {"xref": "paper", "x": round(x, 3), "xanchor": "left", "yref": axis, "y": share, "yanchor": "bottom"}
    return place | {
        "text": text,
        "showarrow": False,
        "font": {"size": 11, "color": "var(--muted)"},
    }


def _axis(**more: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever plotly takes)
    lines = {"gridcolor": "var(--rule)", "zerolinecolor": "var(--rule)", "linecolor": "var(--rule)"}
    return lines | {"fixedrange": True, "nticks": 6} | more


def _figure(
    traces: list[dict[str, Any]],
    trend: Trend,
    *,
    height: int = 300,
    xaxis_anchor: str = "y",
    **layout: Any,  # noqa: ANN401 (whatever plotly takes)
) -> dict[str, Any]:
    """A figure as plotly's JSON, checked by plotly; its colours are names that the stylesheet gives by mode."""
    from plotly import graph_objects  # noqa: PLC0415 (half a second, only where a page is made)

    first, last = trend.days[0].day - timedelta(days=1), trend.days[-1].day
    ends = [f"{first.isoformat()} 12:00", f"{last.isoformat()} 12:00"]  # half a day of room on both sides
    base = {
        "template": graph_objects.layout.Template(),
        "height": height,
        "margin": {"l": 52, "r": 12, "t": 12, "b": 32},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "var(--muted)", "size": 12},
        "hoverlabel": {"bgcolor": "var(--card)", "bordercolor": "var(--rule)", "font": {"color": "var(--ink)"}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "showlegend": False,
        "xaxis": _axis(
            type="date", range=ends, tickformat="%-d %b", showgrid=False, anchor=xaxis_anchor, hoverformat="%a %-d %b"
        ),
    }
    figure = graph_objects.Figure(data=traces, layout=base | layout)
    made: dict[str, Any] = json.loads(figure.to_json())
    return made


def _say(rate: Rate, minimum: int) -> tuple[str, str, str]:
    text = rate.words(minimum)
    return (
        text,
        NO_DATA if text == NO_DATA else counts_text(rate),
        "" if text in (NO_DATA, TOO_FEW) else interval_text(rate),
    )


def _brief(rate: Rate, minimum: int) -> str:
    text = rate.words(minimum)
    return text if text == NO_DATA else f"{text} ({counts_text(rate)})"
