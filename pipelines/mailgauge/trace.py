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
    from datetime import date

    from mailgauge.warehouse import Warehouse

MOST_MESSAGES = 10
_HEADER = re.compile(r"<?([0-9a-f]{16}-[0-9a-f-]+)@(?:[a-z0-9-]+\.)?amazonses\.com>?", re.IGNORECASE)
"""A Message-ID as it stands in the header of a mail: SES's own id, and its host."""
_ID_TIME = re.compile(r"[0-9a-f]{4}([0-9a-f]{12})-", re.IGNORECASE)
"""The milliseconds of acceptance in an id of SES's; AWS documents them nowhere, so that nothing rests on them."""
_BUILT = "coalesce((select max(object_id) from raw.builds), 0)"
"""The newest object that the marts know."""
_OUTCOMES = 'select message_id, recipient, "day", sent_at, isp, gateway, first_day, last_day from marts.outcomes'
"""What a trace tells of outcomes."""
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
    lake.execute(f"create or replace temp table traced_outcomes as {_OUTCOMES} limit 0")
    lake.execute("create or replace temp table traced_events as select * from raw.events limit 0")
    found: list[dict[str, Any]] = []
    if "@" not in name:  # first, as masked names look like ids
        found = _search_id(lake, name)
    if not found and ("@" in name or is_pseudonym(name)):
        found = _gather_person(lake, name.lower(), most)
    else:
        found = found or _search_subject(lake, name, most)
        _gather(lake, found[:most])
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


def _search_subject(lake: Warehouse, words: str, most: int) -> list[dict[str, Any]]:
    """The newest messages under such subjects, and one more where there are more."""
    condition = "contains(lower(subject), lower($wanted))"
    days, is_enough = _find_days(lake, condition, words, most)
    if is_enough:  # as many recipients may be of fewer messages
        found = _search(lake, condition, words, most + 1, f">= date '{days[-1]}'")
        if len(found) > most:
            return found
    return _search(lake, condition, words, most + 1)


def _find_days(lake: Warehouse, condition: str, wanted: str, most: int) -> tuple[list[date], bool]:
    """The newest days on which more than so many got such mail, or all there are, and whether they are more.

    Ids are long to read: they are looked at on these days only.
    """
    rows = lake.rows(
        f"""
        select "day", count(*) as recipients, sum(count(*)) over (order by "day" desc) - count(*) as newer
        from marts.outcomes where {condition} group by "day" order by "day" desc
        """,
        {"wanted": wanted},
    )
    days = [row["day"] for row in rows if row["newer"] <= most]
    return days, sum(row["recipients"] for row in rows) > most


def _search(  # noqa: PLR0913, PLR0917 (what is looked for, and where)
    lake: Warehouse, condition: str, wanted: str, most: int, sent: str = "is not null", outcomes: str = "marts.outcomes"
) -> list[dict[str, Any]]:
    """The newest messages of the outcomes, and of the events that are in none yet, of a range of days.

    All outcomes of a message are of the day on which it was sent.
    """
    return lake.rows(
        f"""
        select message_id, min(sent_day) as sent_day
        from (
            select message_id, "day" as sent_day, sent_at from {outcomes} where {condition} and "day" {sent}
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


def _gather_person(lake: Warehouse, recipient: str, most: int) -> list[dict[str, Any]]:
    """Copy the newest mail to a person, without what is of somebody else; returns what was found, as a search does."""
    condition = "recipient = $wanted"
    days, is_enough = _find_days(lake, condition, recipient, most)
    lake.execute(f"insert into traced_outcomes {_OUTCOMES} where {condition} and {_on(days)}", {"wanted": recipient})
    sent = f">= date '{days[-1]}'" if is_enough else "is not null"
    found = _search(lake, condition, recipient, most + 1, sent, "traced_outcomes")
    ids = [row["message_id"] for row in found[:most]]
    if ids:
        lake.execute(f"delete from traced_outcomes where not {_among(ids)}", ids)
        _copy_events(lake, "recipient = ?", [recipient], ids)
        lake.execute(f"delete from traced_events where not {_among(ids)}", ids)
        _copy(lake, f"recipient is null and {_among(ids)}", ids, found[:most])
    return found


def _gather(lake: Warehouse, found: list[dict[str, Any]]) -> None:
    """Copy messages, those of a day together."""
    by_day = groupby(sorted(found, key=lambda row: str(row["sent_day"])), key=lambda row: row["sent_day"])
    for _, rows in by_day:
        messages = list(rows)
        ids = [row["message_id"] for row in messages]
        _copy(lake, _among(ids), ids, messages)


def _copy(lake: Warehouse, condition: str, parameters: list[str], found: list[dict[str, Any]]) -> None:
    """Copy the outcomes and events that meet the condition and are of the messages that were found."""
    if days := [row["sent_day"] for row in found if row["sent_day"]]:
        lake.execute(f"insert into traced_outcomes {_OUTCOMES} where {condition} and {_on(days)}", parameters)
    _copy_events(lake, condition, parameters, [row["message_id"] for row in found])


def _copy_events(lake: Warehouse, condition: str, parameters: list[str], ids: list[str]) -> None:
    """Copy events: of the days that the outcomes of their messages tell, and those that are in no outcome yet."""
    spans = lake.rows(f"select distinct first_day, last_day from traced_outcomes where {_among(ids)}", ids)
    into = f"insert into traced_events select * from raw.events where {condition}"
    if all(span["first_day"] == span["last_day"] for span in spans):
        within = _on([span["first_day"] for span in spans])
    else:
        first, last = min(span["first_day"] for span in spans), max(span["last_day"] for span in spans)
        within = f"\"day\" between date '{first}' and date '{last}'"
    if spans:
        lake.execute(f"{into} and {within} and object_id <= {_BUILT}", parameters)
    lake.execute(f"{into} and object_id > {_BUILT}", parameters)


def _among(ids: list[str]) -> str:
    return f"message_id in ({', '.join('?' * len(ids))})"


def _on(days: Sequence[date]) -> str:
    """Of these days: DuckDB opens the files of no others."""
    listed = ", ".join(f"date '{day}'" for day in sorted(set(days)))
    return f'"day" in ({listed})' if days else "false"
