"""Any metric by any of its dimensions: sums first, the division last, the interval beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailgauge.errors import UsageError
from mailgauge.marts import DIMENSIONS
from mailgauge.rates import Rate
from mailgauge.warehouse import layer_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mailgauge.warehouse import Warehouse

BY = ("day", *DIMENSIONS)
"""What a metric can be broken down by."""


def list_metrics() -> list[str]:
    """The names of all metrics."""
    return sorted(file.stem for file in layer_files("metrics"))


def read_metric(
    lake: Warehouse, name: str, *, by: Sequence[str] = (), since: date | None = None, until: date | None = None
) -> list[dict[str, Any]]:
    """Return a row a combination of `by`, over the days of sending from `since` to `until`, both included.

    Each row holds the dimensions, numerator, denominator, rate (None: no data), and low and high of the interval.
    """
    _check_names(name, by)
    columns = ", ".join(f'"{column}"' for column in by)
    rows = lake.rows(
        f"""
        select
            {columns + "," if by else ""}
            sum(numerator)::bigint as numerator,
            sum(denominator)::bigint as denominator
        from metrics.{name}
        where ($since is null or "day" >= $since) and ($until is null or "day" <= $until)
        {"group by " + columns + " order by " + columns if by else ""}
        """,
        {"since": since, "until": until},
    )
    return [_with_rate(row) for row in rows if row["numerator"] is not None]


def _check_names(name: str, by: Sequence[str]) -> None:
    if name not in list_metrics():
        raise UsageError(f"There is no metric {name}: choose one of {', '.join(list_metrics())}.")
    for column in by:
        if column not in BY:
            raise UsageError(f"No metric can be broken down by {column}: choose among {', '.join(BY)}.")


def _with_rate(row: dict[str, Any]) -> dict[str, Any]:
    rate = Rate(row["numerator"], row["denominator"])
    low, high = rate.interval or (None, None)
    return row | {"rate": rate.value, "low": low, "high": high}
