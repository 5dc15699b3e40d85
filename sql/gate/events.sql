-- One row: whether the events are what they say they are, and how old the newest is at the end of the day.
-- The variable gate_now is the time of the run, gate_day_end the end of the day asked for.
-- A clock may be wrong by a day before an event counts as future; the future does not make the rest look fresh.
with events as (
    select
        count(*) as events,
        count(*) - count(distinct event_id) as repeated_events,
        count(*) filter (
            where event_type not in (
                'Send', 'Delivery', 'Bounce', 'Complaint', 'Reject', 'Open', 'Click', 'Rendering Failure',
                'DeliveryDelay', 'Subscription'
            )
        ) as unknown_types,
        count(*) filter (
            where event_type is null or occurred_at is null or "day" is null or coalesce(trim(message_id), '') = ''
        ) as incomplete_events,
        count(*) filter (where occurred_at < timestamp '2011-01-01') as ancient_events,
        count(*) filter (where occurred_at > getvariable('gate_now') + interval 1 day) as future_events,
        max(occurred_at) filter (where occurred_at <= getvariable('gate_now') + interval 1 day) as newest_event_at
    from raw.events
)

select
    * exclude (newest_event_at),
    date_diff('second', newest_event_at, getvariable('gate_day_end')) / 3600.0 as age_hours
from events
