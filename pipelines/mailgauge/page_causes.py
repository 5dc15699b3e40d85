"""Reads what points at the cause of a change: subjects, bounces, what findings have in common; an edge."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from mailgauge.checks import complaint_rate, permanent_bounce_rate
from mailgauge.page_figures import COMPLAINT, DELAYED, DELIVERY, PERMANENT, TRANSIENT, Bounces, Event, Part, UnknownText
from mailgauge.page_machines import Readers
from mailgauge.page_others import FEWEST, OtherDomain
from mailgauge.rates import Rate
from mailgauge.responses import read_unknown
from mailgauge.traffic_reading import DIMENSIONS, WINDOW_DAYS

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse

_SUBJECTS = 3
"""How many subjects are read for an identity at a provider."""
_MOST_TEXTS = 10


def read_subjects(lake: Warehouse, day: date) -> tuple[Part, ...]:
    """The subjects with most complaints and bounces, by identity and provider; never one that holds an address.

    Three recipients at least share a subject, or it may be about one person.
    """
    rows = lake.rows(
        """
        select
            identity,
            isp,
            subject,
            count(*) filter (where send_seen_at is not null and suppressed_at is null) as attempts,
            count(*) filter (where delivered_at is not null) as deliveries,
            count(*) filter (where delivered_at is not null and is_feedback_capable) as feedback_deliveries,
            count(*) filter (where complained_at is not null) as complaints,
            count(*) filter (where permanent_bounced_at is not null) as permanent_bounces,
            count(*) filter (where transient_bounced_at is not null) as transient_bounces,
            count(*) filter (where delayed_at is not null) as delays
        from marts.outcomes
        where "day" = ? and not is_simulator and subject not like '%@%'
        group by identity, isp, subject
        having attempts >= 3 and complaints + permanent_bounces + transient_bounces + delays >= 3
        qualify row_number() over (
            partition by identity, isp order by complaints desc, permanent_bounces desc, attempts desc, subject
        ) <= ?
        order by all
        """,
        [day, _SUBJECTS],
    )
    return tuple(
        Part(
            (row["identity"], row["isp"], row["subject"]),
            {
                day: {
                    COMPLAINT.name: Rate(row["complaints"], row["feedback_deliveries"]),
                    PERMANENT.name: Rate(row["permanent_bounces"], row["attempts"]),
                    TRANSIENT.name: Rate(row["transient_bounces"], row["attempts"]),
                    DELAYED.name: Rate(row["delays"], row["attempts"]),
                    DELIVERY.name: Rate(row["deliveries"], row["attempts"]),
                }
            },
        )
        for row in rows
    )


def read_bounces(lake: Warehouse, day: date) -> tuple[Bounces, ...]:
    """Why mail sent on the day bounced, by reason, kind and provider."""
    rows = lake.rows(
        """
        select
            o.bounce_reason as reason,
            b.meaning,
            b.remedy,
            case
                when permanent_bounced_at is not null then 'permanent'
                when transient_bounced_at is not null then 'transient'
                else 'undetermined'
            end as kind,
            isp,
            count(*) filter (where "day" = ?) as count,
            count(*) filter (where "day" <> ?) as before
        from marts.outcomes as o
        inner join staging.bounce_reasons as b on coalesce(o.bounce_reason, 'undetermined') = b.reason
        where
            "day" in (?, ?) and not is_simulator
            and coalesce(permanent_bounced_at, transient_bounced_at, undetermined_bounced_at) is not null
        group by all
        order by all
        """,
        [day, day, day, day - timedelta(days=1)],
    )
    return tuple(Bounces(**row) for row in rows)


def read_unknown_texts(lake: Warehouse, day: date) -> tuple[UnknownText, ...]:
    """What receivers answered to the mail of a week in words that no rule knows."""
    rows = read_unknown(lake, day - timedelta(days=WINDOW_DAYS - 1), day, limit=_MOST_TEXTS)
    return tuple(UnknownText(row["response"], row["events"], row["isp"]) for row in rows)


def read_others(lake: Warehouse, day: date) -> tuple[OtherDomain, ...]:
    """The recipient domains of Other with mail sent on the day; those with few recipients have no name."""
    rows = lake.rows(
        """
        select
            case when people >= ? then recipient_domain end as domain,
            count(*) as domains,
            gateways,
            sum(sends)::bigint as sends,
            sum(deliveries)::bigint as deliveries,
            sum(permanent_bounces)::bigint as permanent_bounces
        from (
            select
                coalesce(recipient_domain, 'unknown') as recipient_domain,
                count(distinct recipient) as people,
                coalesce(string_agg(distinct gateway, ', ' order by gateway), '') as gateways,
                count(send_seen_at) as sends,
                count(delivered_at) as deliveries,
                count(permanent_bounced_at) as permanent_bounces
            from marts.outcomes
            where "day" = ? and isp = 'Other' and not is_simulator
            group by all
        )
        group by all
        order by all
        """,
        [FEWEST, day],
    )
    return tuple(OtherDomain(**row) for row in rows)


def read_readers(lake: Warehouse, day: date) -> tuple[Readers, ...]:
    """Who opened and clicked the mail sent on the day: people, and machines by the sign that weighs most."""
    rows = lake.rows(
        """
        with told as (
            select machine_open_reason as reason, 1 as opens, 0 as clicks from marts.outcomes
            where "day" = $day and opened_at is not null and not is_simulator
            union all
            select machine_click_reason, 0, 1 from marts.outcomes
            where "day" = $day and clicked_at is not null and not is_simulator
        )

        select t.reason, e.label, sum(t.opens)::bigint as opens, sum(t.clicks)::bigint as clicks
        from told as t left join staging.machine_evidence as e on t.reason = e.evidence
        group by all
        order by all
        """,
        {"day": day},
    )
    return tuple(Readers(**row) for row in rows)


_EVENTS = {
    complaint_rate.NAME: "select *, complaints as numerator from marts.daily_by_event_day",
    permanent_bounce_rate.NAME: "select * from metrics.permanent_bounce_rate",
}


def read_events(lake: Warehouse, day: date) -> tuple[Event, ...]:
    """What the advisor's findings about rates count, over its window, by all dimensions at once."""
    columns = tuple(DIMENSIONS.values())
    return tuple(
        Event(check, {column: row[column] for column in columns}, row["count"])
        for check, source in _EVENTS.items()
        for row in lake.rows(
            f"select {', '.join(columns)}, sum(numerator)::bigint as count from ({source}) "
            'where "day" between ? and ? and numerator > 0 group by all order by all',
            [day - timedelta(days=WINDOW_DAYS - 1), day],
        )
    )
