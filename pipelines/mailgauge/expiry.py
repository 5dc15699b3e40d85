"""Lets the events of old messages go and keeps what they counted: the days of the marts stay, through any later build.

A message expires as a whole, by its day of sending. What its outcomes counted is added to marts.retained_*.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mailgauge.machines import retain_shared
from mailgauge.marts import COUNTED, add_counts, build_marts, hide_changes, show_changes
from mailgauge.providers import retain_responses
from mailgauge.retention import COUNTED_TIMES, digest_sql

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailgauge.warehouse import Warehouse

STREAMS = ("inbound_receipts", "mail_manager_logs")
"""The streams beside the events that name people; AWS's findings and tenants' statuses stay."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What one expiry took out."""

    before_day: date
    """Everything of messages sent before this day."""
    messages: int
    event_rows: int
    stream_rows: int
    quarantined: int


def expire(lake: Warehouse, *, keep_days: int, now: datetime) -> Expired:
    """Take out everything of messages sent more than `keep_days` before `now`, and keep their counts."""
    build_marts(lake, now=now)  # what was never counted must not go
    before = now.date() - timedelta(days=keep_days)
    for name in COUNTED:
        _align(lake, name)
    with lake.transaction():
        lake.execute("create or replace temp table expiring as select * from marts.outcomes where day < ?", [before])
        show_changes(lake, "select *, 1 as weight from expiring")
        for name in COUNTED:
            add_counts(lake, name, into=f"retained_{name}")
        _remember(lake)
        retain_responses(lake)
        retain_shared(lake)
        done = _take_out(lake, before)
        if done.messages or done.stream_rows or done.quarantined:
            row = {name: getattr(done, name) for name in Expired.__slots__}
            lake.insert("raw.expiries", [{**row, "expired_at": now}])
    hide_changes(lake)
    lake.execute("drop table expiring")
    return done


def _remember(lake: Warehouse) -> None:
    things = ", ".join(f"case when {time} is not null then {digest_sql(time)} end" for time in COUNTED_TIMES)
    lake.execute(
        f"""
        insert into raw.counted
        select digest from (select distinct unnest([{things}]) as digest from expiring)
        where digest is not null and digest not in (select digest from raw.counted)
        """
    )
    lake.execute(
        """
        insert into marts.retained_feedback_isps by name
        select isp from marts.feedback_isps
        where isp not in (select isp from staging.isps where can_complain)
            and isp not in (select isp from marts.retained_feedback_isps)
        """
    )


def _take_out(lake: Warehouse, before: date) -> Expired:
    messages = lake.value("select count(distinct message_id) from expiring")
    event_rows = _delete(lake, "raw.events", "message_id in (select message_id from expiring)")
    lake.execute("delete from marts.engagements where message_id in (select message_id from expiring)")
    lake.execute("delete from marts.outcomes where day < ?", [before])
    stream_rows = sum(_delete(lake, f"raw.{name}", f"\"day\" < date '{before}'") for name in STREAMS)
    old = f"select object_id, object_uri, quarantined from raw.objects where loaded_at < date '{before}'"
    lake.execute(
        f"""
        insert into raw.expired_quarantine by name
        select o.object_id, count(*) as records
        from ({old}) as o inner join raw.quarantine as q on o.object_uri = q.object_uri
        group by o.object_id
        """
    )
    quarantined = _delete(lake, "raw.quarantine", f"object_uri in (select object_uri from ({old}))")
    return Expired(before, messages, event_rows, stream_rows, quarantined)


def _delete(lake: Warehouse, relation: str, condition: str) -> int:
    rows: int = lake.value(f"select count(*) from {relation} where {condition}")
    if rows:
        lake.execute(f"delete from {relation} where {condition}")
    return rows


def _align(lake: Warehouse, name: str) -> None:
    """Give what is kept of a mart the columns that a newer version of the mart has."""
    known = {row["column_name"] for row in lake.rows(f"describe marts.retained_{name}")}
    for row in lake.rows(f"describe marts.{name}"):
        if row["column_name"] not in known:
            lake.execute(f'alter table marts.retained_{name} add column "{row["column_name"]}" {row["column_type"]}')
