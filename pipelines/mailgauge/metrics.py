"""Any metric by any dimensions: what a metric file divides, over the relation that counts by these dimensions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from mailgauge import paths
from mailgauge.errors import UsageError
from mailgauge.marts import DIMENSIONS
from mailgauge.rates import Z
from mailgauge.warehouse import layer_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mailgauge.warehouse import Warehouse

LATENCY = "delivery_seconds"
"""Not divided: the quantiles of how long deliveries took."""
_QUANTILES = ("p50", "p90", "p99")
_MILLISECONDS = "try_cast(delivery_seconds * 1000 as integer)"
"""SES tells whole milliseconds, and whole numbers are put in order in two thirds of the time; 25 days are no time."""

VDM_NAMES = {
    "SEND": "sends",
    "DELIVERY": "deliveries",
    "COMPLAINT": "complaints",
    "PERMANENT_BOUNCE": "permanent_bounces",
    "TRANSIENT_BOUNCE": "transient_bounces",
    "OPEN": "opens",
    "CLICK": "clicks",
    "DELIVERY_OPEN": "open_tracked_deliveries",
    "DELIVERY_CLICK": "click_tracked_deliveries",
    "DELIVERY_COMPLAINT": "feedback_deliveries",
}
"""The metrics of Amazon's Virtual Deliverability Manager (SES API v2, Metric) by ours."""

_IN_DAILY = {name: f'"{name}"' for name in ("day", *DIMENSIONS)}
_IN_HOURLY = _IN_DAILY | {"day": '"hour"::date', "hour": 'hour("hour")', "weekday": 'isodow("hour")'}
_IN_OUTCOMES = _IN_DAILY | {
    "hour": "hour(sent_at)",
    "weekday": "isodow(sent_at)",
    "isp_kind": "isp_kind",
    "gateway": "gateway",
    "from_domain": "from_domain",
    "recipient_domain": "recipient_domain",
    "sending_ip": "outgoing_ip",
    "template": "template",
    "subject": "subject",
    "bounce_reason": "bounce_reason",
    "delay_reason": "delay_reason",
    "policy_rule": "policy_rule",
    "tls_version": "tls_version",
}
_ANY_DAY = "true"
"""The condition on days where the counts have it themselves."""
TAG = "tag:"
"""What a dimension of a custom tag begins with: tag:campaign."""
POOL = "pool"
BY = (*_IN_OUTCOMES, POOL, f"{TAG}NAME")
"""What a metric can be broken down by; an hour is of the UTC day, a weekday 1 for Monday to 7."""

_SHAPE = re.compile(
    r"\n    (?P<numerator>[^\n]+) as numerator,\n    (?P<denominator>[^\n]+) as denominator\n"
    r"from marts\.daily\n(?:where (?P<condition>[^\n]+)\n)?$"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a metric."""

    name: str
    by: Sequence[str] = ()
    since: date | None = None
    until: date | None = None
    """Both included."""
    days: Literal["sent", "event"] = "sent"
    """Whether a day is that of sending, or that on which something happened."""
    vdm: bool = False
    """Count as Virtual Deliverability Manager does: mail to one recipient only."""
    where: Mapping[str, str] = field(default_factory=dict)
    """Only these values of dimensions."""
    pools: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """IP addresses by pool."""


def list_metrics() -> list[str]:
    """The names of all metrics."""
    return sorted([*(file.stem for file in layer_files("metrics")), LATENCY])


def describe_metrics() -> dict[str, str]:
    """What each metric is, in one line."""
    told = {
        file.stem: file.read_text(encoding="utf-8").split("\n")[0].removeprefix("-- ")
        for file in layer_files("metrics")
    }
    told[LATENCY] = "Seconds from acceptance by SES to acceptance by the provider: median, 90th and 99th percentile."
    return dict(sorted(told.items()))


def read_metric(lake: Warehouse, question: Question, *, compare: bool = False) -> pl.DataFrame:
    """Return a row a combination of the dimensions: numerator, denominator, rate, low and high of its interval.

    A rate is null where there is no data, and all but the numerator where the metric is a count. With `compare`, the
    rate of the period of the same length before, and the difference in percentage points. Of delivery_seconds, the
    deliveries and p50, p90, p99, and the differences in seconds; the day of the event is that of the delivery.
    """
    _check(question, compare=compare)
    rows = _with_rates(_read(lake, question))
    if not compare:
        return rows
    before = _with_rates(_read(lake, _shift(question)))
    return _join(rows, before, list(question.by))


def _check(question: Question, *, compare: bool) -> None:
    names = list_metrics()
    if VDM_NAMES.get(question.name, question.name) not in names:
        raise UsageError(
            f"There is no metric {question.name}{_suggest(question.name, names)}: `mailgauge metrics` lists them."
        )
    for name in (*question.by, *question.where):
        if name not in _IN_OUTCOMES and name != POOL and not (name.startswith(TAG) and len(name) > len(TAG)):
            raise UsageError(
                f"No metric can be broken down by {name}{_suggest(name, BY)}: choose among {', '.join(BY)}."
            )
    if len(set(question.by)) < len(question.by):
        raise UsageError("A dimension is named twice: name each once.")
    if question.since and question.until and question.since > question.until:
        raise UsageError(f"{question.since} is after {question.until}: name a first day that is not after the last.")
    if compare and (not (question.since and question.until) or "day" in question.by):
        raise UsageError(
            "To compare with the period before, name the first and the last day, and no day as a dimension."
        )


def _suggest(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _shift(question: Question) -> Question:
    """The same of the period before."""
    if not (question.since and question.until):
        raise AssertionError
    length = question.until - question.since + timedelta(days=1)
    return replace(question, since=question.since - length, until=question.until - length)


def _read(lake: Warehouse, question: Question) -> pl.DataFrame:
    values: dict[str, Any] = {"since": question.since or date.min, "until": question.until or date.max}
    known = _choose_dimensions(question)
    conditions = []
    for place, (name, value) in enumerate(question.where.items()):
        values[f"value_{place}"] = value
        conditions.append(f"({_express(name, known, question)})::varchar = $value_{place}")
    asked = [f'{_express(name, known, question)} as "{_quote(name)}"' for name in question.by]
    if question.name == LATENCY:
        return lake.frame(_quantiles(question, asked, conditions), values)
    sql = _counts(question, known, asked, conditions)
    return lake.frame(sql, {name: values[name] for name in values if f"${name}" in sql})


def _choose_dimensions(question: Question) -> dict[str, str]:
    """The smallest relation that has the dimensions, by what they are called there."""
    wanted = {*question.by, *question.where}
    if question.vdm or question.name == LATENCY or not wanted <= _IN_HOURLY.keys():
        return _IN_OUTCOMES
    if wanted <= _IN_DAILY.keys():
        return _IN_DAILY
    return _IN_HOURLY if question.days == "sent" else _IN_OUTCOMES


def _express(name: str, known: Mapping[str, str], question: Question) -> str:
    """The dimension in SQL."""
    if name == POOL:
        cases = "".join(
            f" when outgoing_ip in ({', '.join(_literal(one) for one in addresses)}) then {_literal(pool)}"
            for pool, addresses in question.pools.items()
            if addresses
        )
        return f"(case{cases} end)" if cases else "null::varchar"
    if name.startswith(TAG):
        pointer = name.removeprefix(TAG).replace("~", "~0").replace("/", "~1")
        return f"json_extract_string(tags, {_literal(f'/{pointer}/0')})"
    if name == "day" and question.days == "event" and known is _IN_OUTCOMES:
        return "delivered_at::date" if question.name == LATENCY else "event_day"
    return known[name]


def _quantiles(question: Question, asked: Sequence[str], conditions: Sequence[str]) -> str:
    day = '"day"' if question.days == "sent" else "delivered_at::date"
    within = ["not is_simulator", "delivery_seconds is not null", f"{day} between $since and $until", *conditions]
    names = "".join(f"{one}, " for one in asked)
    columns = "".join(f'"{_quote(name)}", ' for name in question.by)
    return f"""
        select
            {columns} deliveries,
            milliseconds[1] / 1000 as p50, milliseconds[2] / 1000 as p90, milliseconds[3] / 1000 as p99
        from (
            select
                {names}
                count(*) as deliveries,
                quantile_cont({_MILLISECONDS}, [0.5, 0.9, 0.99]) as milliseconds
            from marts.outcomes where {" and ".join(within)}
            {_grouping(asked)}
        )
        where deliveries > 0
        order by all
    """


def _grouping(asked: Sequence[str], having: str = "1") -> str:
    places = ", ".join(str(place + 1) for place in range(len(asked)))
    return f"group by {places} having {having} > 0 order by {places}" if asked else ""


def _counts(question: Question, known: Mapping[str, str], asked: Sequence[str], conditions: Sequence[str]) -> str:
    shape = read_shape(VDM_NAMES.get(question.name, question.name))
    counts = [
        name for name in _list_counts() if re.search(rf"\b{name}\b", shape["numerator"] + " " + shape["denominator"])
    ]
    relation, sums, days = _relate(question, known, counts)
    where = [days, *conditions, *([shape["condition"]] if shape["condition"] else [])]
    names = "".join(f"{one}, " for one in asked)
    columns = "".join(f'"{_quote(name)}", ' for name in question.by)
    return f"""
        select
            {columns}
            ({shape["numerator"]})::bigint as numerator,
            ({shape["denominator"]})::bigint as denominator
        from (
            select {names} {", ".join(f"{one} as {count}" for count, one in zip(counts, sums, strict=True))}
            from {relation} where {" and ".join(where)}
            {_grouping(asked, having=" + ".join(counts) if days == _ANY_DAY else "1")}
        )
        {"" if asked else f"where {counts[0]} is not null"}
        order by all
    """


def _relate(question: Question, known: Mapping[str, str], counts: Sequence[str]) -> tuple[str, list[str], str]:
    """The relation to count in, the sum of each count, and the condition on the days."""
    between = "between $since and $until"
    if known is not _IN_OUTCOMES:
        event = question.days == "event"
        relation = "daily_by_event_day" if event else "hourly" if known is _IN_HOURLY else "daily"
        return f"marts.{relation}", [f"sum({count})" for count in counts], f"{known['day']} {between}"
    one_only = " and is_single_recipient" if question.vdm else ""
    counted = (paths.SQL / "marts" / "counted_outcomes.sql").read_text(encoding="utf-8")
    if question.days == "sent":
        source = f'(select * from marts.outcomes where "day" {between}{one_only})'
        relation = f"({counted.replace('from changed_outcomes', f'from {source}')})"
        return relation, [f"count({count})" for count in counts], f'"day" {between}'
    source = f"(select * from marts.outcomes where not is_simulator{one_only})"
    if "day" not in {*question.by, *question.where}:  # each count by itself: what happened within the days
        relation = f"({counted.replace('from changed_outcomes', f'from {source}')})"
        within = "{0} >= $since::timestamp and {0} < $until::timestamp + interval 1 day"
        return relation, [f"count(*) filter (where {within.format(count)})" for count in counts], _ANY_DAY
    moments = ", ".join(f"{count}::date" for count in counts)
    relation = f"""(
        select *, unnest(list_distinct([{moments}])) as event_day
        from ({counted.replace("from changed_outcomes", f"from {source}")})
    )"""
    return relation, [f"count(*) filter (where {count}::date = event_day)" for count in counts], f"event_day {between}"


def read_shape(name: str) -> dict[str, str | Any]:
    """What the file of a metric divides by what, and on which condition."""
    text = (paths.SQL / "metrics" / f"{name}.sql").read_text(encoding="utf-8")
    found = _SHAPE.search(text)
    if not found:
        raise AssertionError(name)
    return found.groupdict()


def _list_counts() -> list[str]:
    """The counts that marts.counted_outcomes defines."""
    text = (paths.SQL / "marts" / "daily.sql").read_text(encoding="utf-8")
    return re.findall(r"::bigint as (\w+)", text)


def _with_rates(rows: pl.DataFrame) -> pl.DataFrame:
    if "numerator" not in rows.columns:
        return rows
    low, high = wilson(pl.col("numerator"), pl.col("denominator"))
    rate = pl.when(pl.col("denominator") != 0).then(pl.col("numerator") / pl.col("denominator"))
    return rows.with_columns(rate.alias("rate"), low.alias("low"), high.alias("high"))


def wilson(numerator: pl.Expr, denominator: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The ends of the interval of `Rate`, of whole columns; null where there is none."""
    p = numerator / denominator
    scale = 1 + Z * Z / denominator
    middle = (p + Z * Z / (2 * denominator)) / scale
    reach = Z / scale * (p * (1 - p) / denominator + Z * Z / (4 * denominator * denominator)).sqrt()
    has_interval = (denominator > 0) & (numerator >= 0) & (numerator <= denominator)
    low, high = (middle - reach).clip(lower_bound=0), (middle + reach).clip(upper_bound=1)
    return pl.when(has_interval).then(low), pl.when(has_interval).then(high)


def _join(rows: pl.DataFrame, before: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Put the period before beside each row; what is new has none."""
    counts = [name for name in ("numerator", "rate", *_QUANTILES) if name in before.columns]
    known = before.select(*by, *(pl.col(name).alias(f"previous_{name}") for name in counts))
    if by:
        joined = rows.join(known, on=list(by), how="left", nulls_equal=True)
    else:  # one row, or none
        told = known.row(0, named=True) if len(known) else dict.fromkeys(known.columns)
        joined = rows.with_columns(pl.lit(value, known.schema[name]).alias(name) for name, value in told.items())
    if "rate" in counts:
        return joined.with_columns(((pl.col("rate") - pl.col("previous_rate")) * 100).alias("difference_pp"))
    return joined.with_columns(
        (pl.col(name) - pl.col(f"previous_{name}")).alias(f"difference_{name}") for name in counts
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quote(name: str) -> str:
    return name.replace('"', '""')
