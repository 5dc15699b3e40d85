"""What became of one message, of the mail to one person, or of a mailing: every event in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mailgauge import paths
from mailgauge.pseudonyms import is_pseudonym
from mailgauge.touched import keep_domains, show_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.warehouse import Warehouse

MOST_MESSAGES = 10
_HEADER = re.compile(r"<?([0-9a-f]{16}-[0-9a-f-]+)@(?:[a-z0-9-]+\.)?amazonses\.com>?", re.IGNORECASE)
"""A Message-ID as it stands in the header of a mail: SES's own id, and its host."""
_ID_TIME = re.compile(r"[0-9a-f]{4}([0-9a-f]{12})-", re.IGNORECASE)
"""The milliseconds of acceptance in an id of SES's; AWS documents them nowhere, so that nothing rests on them."""
_BUILT = "coalesce((select max(object_id) from raw.builds), 0)"
"""The newest object that the marts know."""
_SOURCES = {"traced_outcomes": "marts.outcomes", "traced_events": "raw.events"}
_EVENTS = """
    select
        e.message_id, e.recipient, e.event_type, e.occurred_at, e.sent_at,
        date_diff('millisecond', e.sent_at, e.occurred_at) / 1000 as seconds_after_sending,
        coalesce(o.isp, e.isp) as isp, coalesce(o.gateway, e.gateway) as gateway, e.identity, e.configuration_set,
        e.subject, e.bounce_type, e.bounce_sub_type, e.bounce_reason as reason, r.meaning, r.action,
        e.delay_type, e.complaint_feedback_type,
        coalesce(e.diagnostic_code, e.smtp_response, e.reject_reason, e.error_message, e.link) as detail,
        e.user_agent, g.score as machine_score, g.is_machine, g.evidence as machine_evidence
    from touched_events as e
    left join traced_outcomes as o on e.message_id = o.message_id and e.recipient is not distinct from o.recipient
    left join traced_engagements as g on e.event_id = g.event_id
    left join staging.bounce_reasons as r on e.bounce_reason = r.reason
    order by min(e.sent_at) over (partition by e.message_id), e.message_id, e.occurred_at, e.event_type, e.recipient
"""


@dataclass(frozen=True, slots=True)
class Trace:
    """The events of the newest messages that were found."""

    events: list[dict[str, Any]]
    """By message and time."""
    has_more: bool
    """Whether there are older ones."""


def read_trace(lake: Warehouse, wanted: str, *, most: int = MOST_MESSAGES) -> Trace:
    """The events of the message with the id `wanted`, of the mail to that address, or under a subject that contains it.

    An address is found whatever its case. What is no address and no id of a message is looked for in subjects.
    """
    name = wanted.strip()
    if header := _HEADER.fullmatch(name):
        name = header[1]
    found: list[dict[str, Any]] = []
    if "@" not in name:  # first, as masked names look like ids
        found = _search_id(lake, name)
    recipient = name.lower() if not found and ("@" in name or is_pseudonym(name)) else None
    if recipient:
        found = _search_newest(lake, "recipient = $wanted", recipient, most)
    elif not found:
        found = _search_newest(lake, "contains(lower(subject), lower($wanted))", name, most)
    _gather(lake, found[:most], recipient)
    keep_domains(lake)
    show_events(lake, "select * from traced_events")
    engagements = (paths.SQL / "marts" / "engagements.sql").read_text(encoding="utf-8")
    lake.execute(f"create or replace temp view traced_engagements as {engagements}")
    return Trace(lake.rows(_EVENTS), has_more=len(found) > most)


def _search_id(lake: Warehouse, message_id: str) -> list[dict[str, Any]]:
    """The message of that id, looked for at first about the day that the id tells."""
    condition = "message_id = $wanted"
    if told := _ID_TIME.match(message_id):
        day = f"make_timestamp_ms({int(told[1], 16)})::date"
        near = _search(lake, condition, message_id, 1, f"between {day} - 1 and {day} + 1")
        if near and near[0]["sent_day"]:
            return near
    return _search(lake, condition, message_id, 1)


def _search_newest(lake: Warehouse, condition: str, wanted: str, most: int) -> list[dict[str, Any]]:
    """The newest messages, and one more where there are more; without a look at the ids of all that was ever sent."""
    counted = f"""
        select "day", sum(count(*)) over (order by "day" desc) as recipients
        from marts.outcomes where {condition} group by "day" order by "day" desc
    """
    days = lake.rows(counted, {"wanted": wanted})
    enough = next((row["day"] for row in days if row["recipients"] > most), None)
    if enough:  # as many recipients may be of fewer messages
        found = _search(lake, condition, wanted, most + 1, f">= date '{enough}'")
        if len(found) > most:
            return found
    return _search(lake, condition, wanted, most + 1)


def _search(lake: Warehouse, condition: str, wanted: str, most: int, sent: str = "is not null") -> list[dict[str, Any]]:
    """The newest messages of the outcomes, and of the events that are in none yet, of a range of days.

    All outcomes of a message are of the day on which it was sent.
    """
    return lake.rows(
        f"""
        select message_id, min(sent_day) as sent_day
        from (
            select message_id, "day" as sent_day, sent_at from marts.outcomes where {condition} and "day" {sent}
            union all
            select message_id, null, coalesce(sent_at, occurred_at) as sent_at from raw.events
            where object_id > {_BUILT} and {condition} and coalesce(sent_at, occurred_at)::date {sent}
        )
        group by message_id
        order by max(sent_at) desc, message_id
        limit {most}
        """,
        {"wanted": wanted},
    )


def _gather(lake: Warehouse, found: list[dict[str, Any]], recipient: str | None) -> None:
    """Copy the messages out of marts.outcomes and raw.events; of a person's mail, what is not of somebody else."""
    for name, source in _SOURCES.items():
        lake.execute(f"create or replace temp table {name} as select * from {source} limit 0")
    built = lake.value(f"select {_BUILT}")
    if recipient is None or not found:
        by_day = groupby(sorted(found, key=lambda row: str(row["sent_day"])), key=lambda row: row["sent_day"])
        for _, rows in by_day:
            _copy(lake, built, list(rows))
        return
    _copy(lake, built, found, "recipient = ?", [recipient])
    ids = [row["message_id"] for row in found]
    for name in _SOURCES:
        lake.execute(f"delete from {name} where not {_among(ids)}", ids)
    _copy(lake, built, found, f"recipient is null and {_among(ids)}", ids)


def _copy(
    lake: Warehouse, built: int, found: list[dict[str, Any]], condition: str = "", parameters: Sequence[str] = ()
) -> None:
    """Copy all of the messages, or what meets a condition; outcomes tell between which days a message's events are."""
    ids = [row["message_id"] for row in found]

    def insert(name: str, further: str) -> None:
        into = f"insert into {name} select * from {_SOURCES[name]} where {condition or _among(ids)}"
        lake.execute(f"{into} and {further}", list(parameters) if condition else ids)

    if days := [row["sent_day"] for row in found if row["sent_day"]]:
        insert("traced_outcomes", f"\"day\" between date '{min(days)}' and date '{max(days)}'")
    (span,) = lake.rows(
        f"""
        select min(first_day) as first_day, max(last_day) as last_day
        from traced_outcomes where {_among(ids)}
        """,
        ids,
    )
    if span["first_day"]:
        happened = f"\"day\" between date '{span['first_day']}' and date '{span['last_day']}'"
        insert("traced_events", f"{happened} and object_id <= {built}")
    insert("traced_events", f"object_id > {built}")


def _among(ids: list[str]) -> str:
    return f"message_id in ({', '.join('?' * len(ids))})"
