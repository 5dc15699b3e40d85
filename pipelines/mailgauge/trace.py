"""What became of one message, of the mail to one person, or of a mailing: every event in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailgauge import paths
from mailgauge.pseudonyms import is_pseudonym
from mailgauge.touched import show_events

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse

MOST_MESSAGES = 10
_HEADER = re.compile(r"<?([0-9a-f]{16}-[0-9a-f-]+)@(?:[a-z0-9-]+\.)?amazonses\.com>?", re.IGNORECASE)
"""A Message-ID as it stands in the header of a mail: SES's own id, and its host."""
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
    messages: int
    """How many were found in all."""


def read_trace(lake: Warehouse, wanted: str, *, most: int = MOST_MESSAGES) -> Trace:
    """The events of the message with the id `wanted`, of the mail to that address, or under a subject that contains it.

    An address is found whatever its case. What is no address and no id of a message is looked for in subjects.
    """
    name = wanted.strip()
    if header := _HEADER.fullmatch(name):
        name = header[1]
    found: list[dict[str, Any]] = []
    if "@" not in name:  # first, as masked names look like ids
        found = _search(lake, "message_id = $wanted", name, most)
    recipient = name.lower() if not found and ("@" in name or is_pseudonym(name)) else None
    if recipient:
        found = _search(lake, "recipient = $wanted", recipient, most)
    elif not found:
        found = _search(lake, "contains(lower(subject), lower($wanted))", name, most)
    for source in ("events", "outcomes"):
        _gather(lake, source, found, recipient)
    show_events(lake, "select * from traced_events")
    engagements = (paths.SQL / "marts" / "engagements.sql").read_text(encoding="utf-8")
    lake.execute(f"create or replace temp view traced_engagements as {engagements}")
    return Trace(lake.rows(_EVENTS), found[0]["found"] if found else 0)


def _search(lake: Warehouse, condition: str, wanted: str, most: int) -> list[dict[str, Any]]:
    """The newest messages of the outcomes, and of the events that are in none yet, and how many there are in all."""
    return lake.rows(
        f"""
        select message_id, min("day") as "day", max(sent_at) as sent_at, count(*) over () as found
        from (
            select message_id, "day", sent_at from marts.outcomes where {condition}
            union all
            select message_id, "day", coalesce(sent_at, occurred_at) from raw.events
            where object_id > coalesce((select max(object_id) from raw.builds), 0) and {condition}
        )
        group by message_id
        order by sent_at desc, message_id
        limit {most}
        """,
        {"wanted": wanted},
    )


def _gather(lake: Warehouse, source: str, found: list[dict[str, Any]], recipient: str | None) -> None:
    """Copy what the messages have in raw.events or marts.outcomes; of a person's mail, what is not of somebody else.

    All rows of a message are of its first day or later. DuckDB looks one value up in few files, and a list of values in
    every row: so it is one statement a message, or one for the person.
    """
    relation = f"{'raw' if source == 'events' else 'marts'}.{source}"
    lake.execute(f"create or replace temp table traced_{source} as select * from {relation} limit 0")
    into = f"insert into traced_{source} select * from {relation} where"
    if recipient and found:
        since = f"\"day\" >= date '{min(row['day'] for row in found)}'"
        ids = [row["message_id"] for row in found]
        among = f"message_id in ({', '.join('?' * len(ids))})"
        lake.execute(f"{into} recipient = ? and {since}", [recipient])
        lake.execute(f"delete from traced_{source} where not {among}", ids)
        lake.execute(f"{into} recipient is null and {since} and {among}", ids)
        return
    for row in found:
        lake.execute(f"{into} message_id = ? and \"day\" >= date '{row['day']}'", [row["message_id"]])
