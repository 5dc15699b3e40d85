"""What a report page holds, complete before there is any HTML: frozen values, then their JSON and HTML; pure."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from mailgauge import charts, page_words, paths
from mailgauge.findings import plain
from mailgauge.rates import Rate, line_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailgauge.page_aws import AwsWords
    from mailgauge.page_figures import OpenIncident, Threshold, Window
    from mailgauge.page_machines import Machines
    from mailgauge.page_others import Others
    from mailgauge.page_reasons import Reasons
    from mailgauge.page_sections import PlainSection
    from mailgauge.status import Status


@dataclass(frozen=True, slots=True)
class Headline:
    """What changed, where and why, in a sentence, and what stands behind it."""

    sentence: str
    deck: tuple[str, ...]
    tone: str
    """bad, warn, calm or empty."""
    label: str | None = None
    """The part of the mail that the sentence is about, as "Yahoo for news.shop.example"."""
    rate: Rate | None = None
    """That part's complaint rate, where the sentence is about complaints."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What a figure was earlier, and what became of it."""

    since: str
    """day before, week before or usual."""
    before: str
    text: str
    """The change, or ""."""
    tone: str
    """bad, good, noise, amount (of which nobody can say), or none where there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Hero:
    """The figure of the day: the complaint rate of all mail, against its lines."""

    rate: Rate
    overall: Rate
    """The same complaints over all deliveries."""
    text: str
    tone: str
    deltas: tuple[Delta, ...]
    thresholds: tuple[Threshold, ...]
    day: date
    peak: Rate | None
    peak_day: date | None
    peak_span: int
    """Over how many days the peak was looked for."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with its changes, what it means, and its last days."""

    label: str
    text: str
    rate: Rate | None
    deltas: tuple[Delta, ...]
    meaning: str
    history: tuple[float | None, ...]
    """Oldest first; None where there was too little mail to say."""


@dataclass(frozen=True, slots=True)
class MoverLine:
    """A part of the mail that moved."""

    where: str
    metric: str
    after: Rate
    day_before: Rate
    week_before: Rate
    usual: Rate
    recipients: int
    share: str
    """Its share of the whole's change, in words, or ""."""
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """An open finding: what, so what, and what to do."""

    title: str
    resource: str
    impact: str
    so_what: str
    also: tuple[str, ...]
    """Other rates over a line that count mostly the same events."""
    remedy: str
    brief: str
    """The text that Copy fix copies."""
    references: tuple[str, ...]
    first_seen: str
    stale: str
    """Why it may be out of date, or ""."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A rate in a table; `text` is a percentage, or says why there is none."""

    rate: Rate
    text: str
    change: str
    """As "up from 0.12 %", only where it is more than noise against the day before."""
    tone: str
    level: int
    """How many of its lines the rate surely reaches: 0 to 3."""
    line: str = ""
    """The line that it is over, in words, or ""."""


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the mail and its rates."""

    name: str
    kind: str
    """named, unnamed (the events name none), rest (several small ones together), or total."""
    sends: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The mail by one dimension; the total is the sum of the rows."""

    key: str
    title: str
    sentence: str
    head: str
    columns: tuple[str, ...]
    scales: tuple[float, ...]
    """The share at the right end of the interval bars, by column; 0 for none."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Identities by providers, one metric."""

    key: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TrendDay:
    """The rates of one day of sending, by metric name."""

    day: date
    sends: int
    rates: Mapping[str, Rate]


@dataclass(frozen=True, slots=True)
class Trend:
    """The last days, oldest first."""

    days: tuple[TrendDay, ...]
    minimum: int
    thresholds: tuple[Threshold, ...]
    gaps: str
    """Which days are missing, in a sentence, or ""."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the numbers can be trusted."""

    status: Status
    tone: str
    """calm or warn."""
    line: str
    problems: tuple[str, ...]
    unseen: Rate
    """Recipients of the day with feedback and no Send, of all."""
    unseen_sentence: str
    """What that means, or "" where there are none."""


@dataclass(frozen=True, slots=True)
class Page:
    """A report page."""

    day: date
    made_at: datetime
    banner: tuple[str, ...]
    headline: Headline
    hero: Hero | None
    """None where no mail was sent."""
    tiles: tuple[Tile, ...]
    movers: tuple[MoverLine, ...]
    movers_sentence: str
    usual: str
    """What usual means on this page."""
    findings: tuple[FindingLine, ...]
    findings_sentence: str
    not_checked: tuple[str, ...]
    windows: tuple[Window, ...]
    windows_sentence: str
    alert_line: float
    minimum: int
    incidents: tuple[OpenIncident, ...]
    trend: Trend
    matrices: tuple[Matrix, ...]
    tables: tuple[Table, ...]
    others: Others | None
    reasons: Reasons | None
    machines: Machines | None
    aws: AwsWords | None
    sections: tuple[PlainSection, ...]
    """What SES's other systems and streams tell."""
    trust: Trust
    summary: str
    """The page in a few lines of plain text, for Copy summary."""


def as_data(value: Any) -> Any:  # noqa: ANN401 (anything a page holds)
    """A page, or a part of it, as JSON values: a rate goes with its value and its interval."""
    if isinstance(value, Rate):
        low, high = value.interval or (None, None)
        counts = {"numerator": value.numerator, "denominator": value.denominator}
        return counts | {"rate": value.value, "low": low, "high": high}
    if is_dataclass(value):
        return {field.name: as_data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): as_data(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(part) for part in value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


_TEXT_LIMIT = 4000
"""Longer than any sentence of ours."""

_EMPTY = ""
"""plotly adds an empty style element, and fills it by script."""


def render_page(page: Page) -> str:
    """The page as one HTML file that needs nothing beside it."""
    styles = _read_asset("page.css")
    scripts = [_read_asset("vendor/plotly-basic.min.js"), _read_asset("page.js")]
    drawn = charts.make_charts(page.trend)
    data = {"page": as_data(page), "figures": {chart.key: chart.figure for chart in drawn}}
    return (
        _environment()
        .get_template("page.html")
        .render(
            page=page,
            charts=drawn,
            gauge=charts.draw_gauge(page.hero) if page.hero else None,
            sections=_list_sections(page, has_charts=bool(drawn)),
            policy=_write_policy(styles, scripts),
            styles=_mark_safe(styles),
            scripts=[_mark_safe(script) for script in scripts],
            data=_mark_safe(_write_json(data)),
        )
    )


def _list_sections(page: Page, *, has_charts: bool) -> dict[str, tuple[int, str]]:
    """The sections that the page has, by anchor, with their numbers."""
    there = {
        "changed": "What changed" if page.hero else "",
        "attention": "Needs attention",
        "aws": "What AWS says" if page.aws else "",
        "alerts": "Alerts",
        "trend": "Trend" if has_charts else "",
        **{table.key: table.title for table in page.tables[:1]},
        "others": "Behind Other" if page.others else "",
        "bounces": "Why mail bounced" if page.reasons else "",
        "machines": "People and machines" if page.machines else "",
        **{table.key: table.title for table in page.tables[1:]},
        "crossings": "Identity at provider" if page.matrices else "",
        **{section.key: section.title for section in page.sections},
        "trust": "Data",
        "terms": "Terms",
    }
    shown = [(key, title) for key, title in there.items() if title]
    return {key: (number, title) for number, (key, title) in enumerate(shown, 1)}


def _write_policy(styles: str, scripts: list[str]) -> str:
    """Only what stands in this file may run or style it, and nothing may be fetched."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(styles)} {_hash(_EMPTY)}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _write_json(value: Any) -> str:  # noqa: ANN401 (any JSON)
    """JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _mark_safe(text: str) -> Markup:
    return Markup(text)  # noqa: S704 (our own files, and JSON without any markup in it)


@cache
def _read_asset(name: str) -> str:
    return (paths.REPORTS / name).read_text(encoding="utf-8")


def _show(value: Any) -> Any:  # noqa: ANN401 (whatever a template shows)
    """What a template shows: text of strangers without invisible signs, and no line that starts with a unit."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    shown = plain(value, _TEXT_LIMIT).replace(" %", "\u00a0%").replace(" pp", "\u00a0pp")
    return escape(shown)


def _mark_code(text: str) -> Markup:
    """Text whose `commands` stand between backticks; all of it is escaped."""
    parts = [
        Markup("<code>%s</code>") % _show(part) if at % 2 else _show(part) for at, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(paths.REPORTS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
    )
    made.globals |= {"draw_bar": charts.draw_bar, "draw_spark": charts.draw_spark, "fit_scale": charts.fit_scale}
    made.filters |= {
        "counts": page_words.counts_text,
        "interval": page_words.interval_text,
        "rate": page_words.rate_text,
        "line": line_text,
        "long_day": page_words.long_day,
        "short_day": page_words.short_day,
        "code": _mark_code,
        "where": lambda names: page_words.where_text(("identity", "isp"), names),
        "thousands": lambda count: f"{count:,}",
    }
    return made
