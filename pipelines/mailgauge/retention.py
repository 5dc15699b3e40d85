"""What stays of expired messages: the counts from which a rebuild starts, and what has counted already.

What arrives later of an expired message counts, unless raw.counted knows that the same has counted before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse

COUNTED_TIMES = (
    "send_seen_at",
    "delivered_at",
    "permanent_bounced_at",
    "transient_bounced_at",
    "undetermined_bounced_at",
    "suppressed_at",
    "auto_replied_at",
    "rejected_at",
    "rendering_failed_at",
    "delayed_at",
    "complained_at",
    "not_spam_at",
    "opened_at",
    "human_opened_at",
    "clicked_at",
    "human_clicked_at",
    "unsubscribed_at",
)
"""The columns of marts.outcomes that make it count."""


def restore_counts(lake: Warehouse, name: str) -> None:
    """Start a mart that is being rebuilt with what expired outcomes counted."""
    known = {row["column_name"] for row in lake.rows(f"describe marts.retained_{name}")}
    columns = [row for row in lake.rows(f"describe marts.{name}") if row["column_name"] in known]
    chosen = ", ".join(
        f"coalesce({row['column_name']}, 0) as {row['column_name']}"
        if row["column_type"] == "BIGINT"
        else f'"{row["column_name"]}"'
        for row in columns
    )
    lake.execute(f"insert into marts.{name} by name select {chosen} from marts.retained_{name}")


def drop_counted(lake: Warehouse, outcomes: str) -> None:
    """Clear in `outcomes` what outcomes of the same message and recipient counted before they expired."""
    before = lake.value("select max(before_day) from raw.expiries")
    if before is None or not lake.value(f"select count(*) from {outcomes} where day < ?", [before]):
        return
    for time in COUNTED_TIMES:
        lake.execute(
            f"""
            update {outcomes} set {time} = null
            where "day" < ? and {time} is not null and {digest_sql(time)} in (select digest from raw.counted)
            """,
            [before],
        )


def digest_sql(time: str) -> str:
    """SQL of what raw.counted knows a counted thing by: the same in every version of DuckDB, as hash() need not be."""
    return f"md5_number_lower(concat_ws(chr(31), message_id, coalesce(recipient, ''), '{time}'))"
