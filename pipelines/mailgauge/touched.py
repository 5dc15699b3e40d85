"""The events of the messages that a build computes: the views of staging over these alone, and a history in parts.

A filter on the views of staging themselves would be applied last: every text of the history would be read for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from mailgauge.warehouse import Warehouse

PART_EVENTS = 1_500_000
"""Events that are computed at once; what this takes stays below the memory limit."""


_ALL = """
    select * from raw.events where object_id > {built}
    union all by name
    select * from known_events
"""
_REDIRECTED = {
    "attributed_events": {"raw.events": "touched_reads", "staging.domain_isps": "touched_domains"},
    "events": {"staging.attributed_events": "touched_attributed_events"},
}
"""What the views of staging read, and what instead of it."""
UNREAD = (
    "contact_list, error_message, expires_at, feedback_id, "
    "link_tags, origin, recipient_index, reject_reason, remote_mta_ip, slot, source, subscription_source"
)
"""Columns that no mart reads: of a long history each costs a tenth of a second."""


UNCOUNTED = (
    "recipient_domain, isp_evidence, isp_clue, gateway, from_domain, subject, template, tags, outgoing_ip, "
    "bounce_type, bounce_sub_type, corrected_bounce_type, bounce_reason, delay_reason, status, diagnostic_code, "
    "smtp_response, first_day, last_day"
)
"""Columns of outcomes that count nothing: what a message was before is read without them."""


def touch_messages(lake: Warehouse, messages: str, built: int) -> None:
    """Name the messages to be computed again, by a query, and keep at hand what is known of them.

    Messages of objects after `built` are among them. What came before is looked for only where marts.outcomes knows
    the message.
    """
    lake.execute(f"create or replace temp table touched as {messages}")
    lake.execute(
        f"""
        create or replace temp table before_outcomes as
        select rowid as row_number, * exclude ({UNCOUNTED}) from marts.outcomes
        where message_id in (select message_id from touched)
        """
    )
    lake.execute("create or replace temp view known_messages as select distinct message_id from before_outcomes")
    before = f"object_id <= {built} and message_id in (select message_id from known_messages)"
    if not lake.value("select count(*) from before_outcomes"):
        before = "false"
    lake.execute(
        f"create or replace temp table known_events as select * exclude ({UNREAD}) from raw.events where {before}"
    )


def forget_before(lake: Warehouse) -> None:
    """Take out what the touched messages were before."""
    if lake.value("select count(*) from before_outcomes"):
        lake.execute("delete from marts.engagements where message_id in (select message_id from known_messages)")
        lake.execute("delete from marts.outcomes where rowid in (select row_number from before_outcomes)")


def turn_outcomes(lake: Warehouse) -> None:
    """The old deliveries of a provider in turned_isps enter or leave the denominator."""
    turned = "isp in (select isp from turned_isps) and message_id not in (select message_id from touched)"
    lake.execute(
        f"""
        create or replace temp table turned_outcomes as
        select rowid as row_number, * from marts.outcomes where {turned}
        """
    )
    lake.execute(f"insert into before_outcomes by name select * exclude ({UNCOUNTED}) from turned_outcomes")
    lake.execute(
        """
        insert into after_outcomes by name
        select * exclude (row_number) replace (not is_feedback_capable as is_feedback_capable) from turned_outcomes
        """
    )
    lake.execute("delete from marts.outcomes where rowid in (select row_number from turned_outcomes)")
    lake.execute("drop table turned_outcomes")


def show_touched(lake: Warehouse, built: int) -> None:
    """Show all events of the messages that were touched."""
    show_events(lake, _ALL.format(built=built))


def show_complaints(lake: Warehouse, built: int | None = None) -> None:
    """Show the events of messages that were complained of: of all, or of those that were touched."""
    events = "select * from raw.events" if built is None else _ALL.format(built=built)
    complained = f"select message_id from ({events}) where event_type = 'Complaint'"
    show_events(lake, f"select * from ({events}) where message_id in ({complained})")


def show_events(lake: Warehouse, raw: str) -> None:
    """Let the files of marts read the raw events of a query, as the views of staging would show them."""
    lake.execute(f"create or replace temp view touched_reads as {raw}")
    for name, relations in _REDIRECTED.items():
        text = (paths.SQL / "staging" / f"{name}.sql").read_text(encoding="utf-8")
        for relation, touched in relations.items():
            before, after = text.split(f" {relation} as ")
            text = f"{before} {touched} as {after}"
        lake.execute(f"create or replace temp view touched_{name} as {text}")


def keep_domains(lake: Warehouse) -> None:
    """Keep at hand what is known of every domain: to work it out in each statement takes longer than most of them."""
    lake.execute("create or replace temp table touched_domains as select * from staging.domain_isps")


def show_parts(lake: Warehouse) -> Iterator[None]:
    """Show all events there are, part after part, each with all events of its messages: days, or slices of a day.

    A message whose events stand in more than one day, as when one does not say when it was sent, is in the last part.
    """
    days = lake.rows('select "day", count(*) as events from raw.events group by "day" order by "day"')
    spans = list(_join_days([(row["day"], row["events"]) for row in days]))
    if sum(slices for *_, slices in spans) <= 1:
        show_events(lake, "select * from raw.events")
        yield
        return
    lake.execute(
        """
        create or replace temp table strays as
        select hash(message_id) as digest from raw.events group by digest having min("day") <> max("day")
        """
    )
    for first, last, slices in spans:
        for place in range(slices):
            among = f"and hash(message_id) % {slices} = {place}" if slices > 1 else ""
            show_events(
                lake,
                f"""
                select * from raw.events
                where "day" between date '{first}' and date '{last}' {among}
                    and hash(message_id) not in (select digest from strays)
                """,
            )
            yield
    if lake.value("select count(*) from strays"):
        show_events(lake, "select * from raw.events where hash(message_id) in (select digest from strays)")
        yield
    lake.execute("drop table strays")


def _join_days(days: list[tuple[date, int]]) -> Iterator[tuple[date, date, int]]:
    """Spans of days with their number of slices, each slice of about PART_EVENTS events."""
    first = last = None
    total = 0
    for day, events in days:
        if first and last and total + events > PART_EVENTS:
            yield first, last, -(-total // PART_EVENTS)
            first, total = None, 0
        first, last, total = first or day, day, total + events
    if first and last:
        yield first, last, -(-total // PART_EVENTS)
