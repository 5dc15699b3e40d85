-- One row: whether the events are what they say they are, and how old the newest is at the end of the day.
-- The variable gate_now is the time of the run, gate_day_end the end of the day asked for.
-- repeated_events are of the rows after gate_seen_row, which the gate saw when it last passed, and of all before them.
-- A clock may be wrong by a day before an event counts as future; the future does not make the rest look fresh.
-- Each condition stands alone, so that what the files say of their contents answers it: what is blank sorts before '!'.
with types as (
    select
        event_type,
        count(*) as events
    from raw.events
    group by event_type
),

arrived as (
    select event_id
    from raw.events
    where rowid > getvariable('gate_seen_row')
),

repeated as (
    select count(*) - count(distinct e.event_id) as events
    from raw.events as e
    where e.event_id in (select a.event_id from arrived as a)
),

missing as (
    select count(*) as events
    from raw.events
    where event_type is null or occurred_at is null or "day" is null or message_id is null
),

blank as (
    select count(*) as events
    from raw.events
    where message_id < '!' and trim(message_id) = ''
),

ancient as (
    select count(*) as events
    from raw.events
    where occurred_at < timestamp '2011-01-01'
),

future as (
    select count(*) as events
    from raw.events
    where occurred_at > getvariable('gate_now') + interval 1 day
),

newest as (
    select max(occurred_at) as occurred_at
    from raw.events
    where occurred_at <= getvariable('gate_now') + interval 1 day
),

counted as (
    select
        coalesce(sum(events), 0)::bigint as events,
        coalesce(sum(events) filter (
            where event_type not in (
                'Send', 'Delivery', 'Bounce', 'Complaint', 'Reject', 'Open', 'Click', 'Rendering Failure',
                'DeliveryDelay', 'Subscription'
            )
        ), 0)::bigint as unknown_types
    from types
)

select
    c.events,
    r.events as repeated_events,
    c.unknown_types,
    m.events + b.events as incomplete_events,
    a.events as ancient_events,
    f.events as future_events,
    date_diff('second', n.occurred_at, getvariable('gate_day_end')) / 3600.0 as age_hours
from counted as c
cross join repeated as r
cross join missing as m
cross join blank as b
cross join ancient as a
cross join future as f
cross join newest as n
