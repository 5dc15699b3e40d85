"""Reads the rates that the checks judge, by each dimension and over seven days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.facts import ProviderTraffic, Share, Tally, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from mailgauge.warehouse import Warehouse

WINDOW_DAYS = 7
"""How many days of mail a rate is judged over, the last one being the day asked for."""

DIMENSIONS = {
    "account": "account_id",
    "identity": "identity",
    "configuration_set": "configuration_set",
    "tenant": "tenant",
    "isp": "isp",
}
"""The first word of a resource, and the column that it names a value of."""

_COMPLAINTS = "select *, complaints as numerator, feedback_deliveries as denominator from marts.daily_by_event_day"
_BOUNCES = "select * from metrics.permanent_bounce_rate"


def read_traffic(lake: Warehouse, *, day: date, minimum: int) -> Iterator[Traffic]:
    """The counts of every value of every dimension, over the window that ends with `day`."""
    since = day - timedelta(days=WINDOW_DAYS - 1)
    for dimension in DIMENSIONS:
        complaints = _read_tallies(lake, _COMPLAINTS, dimension, (since, day), minimum)
        bounces = _read_tallies(lake, _BOUNCES, dimension, (since, day), minimum)
        for value in sorted(complaints.keys() | bounces.keys()):
            none = Tally(minimum=minimum)
            yield Traffic(dimension, value, since, day, complaints.get(value, none), bounces.get(value, none))


def read_provider_traffic(lake: Warehouse, *, day: date, minimum: int) -> Iterator[ProviderTraffic]:
    """The complaints of every identity at every provider that can complain, over the window that ends with `day`."""
    since = day - timedelta(days=WINDOW_DAYS - 1)
    rows = lake.rows(
        f"""
        select identity, isp, sum(numerator)::bigint as numerator, sum(denominator)::bigint as denominator
        from ({_COMPLAINTS})
        where "day" between ? and ? and identity is not null
        group by identity, isp
        having sum(denominator) > 0
        order by identity, isp
        """,
        [since, day],
    )
    for row in rows:
        tally = Tally(row["numerator"], row["denominator"], minimum)
        yield ProviderTraffic(row["identity"], row["isp"], since, day, tally)


def _read_tallies(
    lake: Warehouse, source: str, dimension: str, days: tuple[date, date], minimum: int
) -> dict[str, Tally]:
    """The tally of each value, with the part (mailbox provider, or identity of one) that gives most of it."""
    part = "identity" if dimension == "isp" else "isp"
    rows = lake.rows(
        f"""
        with parts as (
            select
                {DIMENSIONS[dimension]} as value,
                {part} as part,
                sum(numerator)::bigint as counted,
                sum(denominator)::bigint as of_all
            from ({source})
            where "day" between ? and ? and {DIMENSIONS[dimension]} is not null
            group by all
        )

        select
            *,
            sum(counted) over (partition by value)::bigint as numerator,
            sum(of_all) over (partition by value)::bigint as denominator
        from parts
        qualify row_number() over (partition by value order by counted desc nulls last, part) = 1
        """,
        list(days),
    )
    return {row["value"]: _make_tally(row, part, minimum) for row in rows}


def _make_tally(row: dict[str, Any], part: str, minimum: int) -> Tally:
    share = None
    if row["counted"] and row["part"] is not None:
        share = Share(part, row["part"], row["counted"], row["of_all"])
    return Tally(row["numerator"] or 0, row["denominator"] or 0, minimum, share)
