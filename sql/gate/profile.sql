-- One row: what the quality gate judges, counted over the whole warehouse as it stands.
-- The variable gate_day is the day asked for, gate_day_end its end, gate_now the time of the run.
with ledger as (
    select
        count(*) filter (
            where status = 'loaded' and records <> loaded + duplicates + quarantined
        ) as unbalanced_objects,
        count(*) filter (where status = 'failed') as failed_objects,
        coalesce(sum(records), 0)::bigint as records,
        coalesce(sum(duplicates), 0)::bigint as duplicate_records,
        coalesce(sum(quarantined), 0)::bigint as quarantined_records,
        coalesce(max(object_id), 0) as newest_object
    from raw.objects
),

events as (
    select
        count(*) - count(distinct event_id) as repeated_events,
        count(*) filter (
            where event_type not in (
                'Send', 'Delivery', 'Bounce', 'Complaint', 'Reject', 'Open', 'Click', 'Rendering Failure',
                'DeliveryDelay', 'Subscription'
            )
        ) as unknown_types,
        count(*) filter (where trim(message_id) = '' or occurred_at < timestamp '2011-01-01') as unusable_events,
        count(*) filter (where occurred_at > getvariable('gate_now') + interval 1 day) as future_events,
        max(occurred_at) filter (where occurred_at <= getvariable('gate_now') + interval 1 day) as newest_event_at
    from raw.events
),

outcomes as (
    select
        count(*) filter (where isp is null or "day" is null) as unattributed_outcomes,
        count(*) filter (where send_seen_at is null and suppressed_at is null and not is_simulator) as sends_unseen,
        count(*) filter (where not is_simulator) as outcomes,
        count(*) filter (where send_seen_at is not null and not is_simulator) as sends,
        count(*) filter (where delivered_at is not null and not is_simulator) as deliveries,
        count(*) filter (where complained_at is not null and not is_simulator) as complaints
    from marts.outcomes
),

daily as (
    select
        coalesce(sum(sends), 0) as sends,
        coalesce(sum(deliveries), 0) as deliveries,
        coalesce(sum(complaints), 0) as complaints,
        coalesce(sum(opens + clicks + permanent_bounces + transient_bounces + delivery_delays), 0) as others,
        count(*) filter (
            where attempts > sends or feedback_deliveries > deliveries or human_opens > opens or human_clicks > clicks
            or least(sends, attempts, deliveries, complaints, opens, clicks) < 0
        ) as impossible_rows
    from marts.daily
),

hourly as (
    select
        coalesce(sum(sends), 0) as sends,
        coalesce(sum(deliveries), 0) as deliveries,
        coalesce(sum(complaints), 0) as complaints,
        coalesce(sum(opens + clicks + permanent_bounces + transient_bounces + delivery_delays), 0) as others
    from marts.hourly
),

by_event as (
    select
        coalesce(sum(sends), 0) as sends,
        coalesce(sum(deliveries), 0) as deliveries,
        coalesce(sum(complaints), 0) as complaints,
        coalesce(sum(opens + clicks + permanent_bounces + transient_bounces + delivery_delays), 0) as others
    from marts.daily_by_event_day
),

totals as (
    select
        "day",
        sum(sends) as sends,
        sum(attempts) as attempts,
        sum(deliveries) as deliveries,
        sum(complaints) as complaints,
        sum(feedback_deliveries) as feedback_deliveries,
        sum(permanent_bounces) as permanent_bounces,
        sum(opens) as opens
    from marts.daily
    group by "day"
),

rates as (
    select
        count(*) filter (
            where deliveries > attempts or permanent_bounces > attempts or complaints > feedback_deliveries
            or opens > deliveries
        ) as days_over_one,
        coalesce(max(sends) filter (where "day" = getvariable('gate_day')), 0) as sends_of_day,
        coalesce(median(sends) filter (
            where "day" between getvariable('gate_day') - 28 and getvariable('gate_day') - 1
        ), 0) as usual_sends
    from totals
)

select
    l.unbalanced_objects,
    l.failed_objects,
    abs(l.quarantined_records - (select count(*) from raw.quarantine)) as unaccounted_quarantine,
    e.repeated_events,
    e.unknown_types,
    e.unusable_events,
    e.future_events,
    o.unattributed_outcomes,
    (
        abs(o.sends - d.sends) + abs(o.deliveries - d.deliveries) + abs(o.complaints - d.complaints)
        + abs(h.sends - d.sends) + abs(h.deliveries - d.deliveries) + abs(h.complaints - d.complaints)
        + abs(h.others - d.others)
        + abs(b.sends - d.sends) + abs(b.deliveries - d.deliveries) + abs(b.complaints - d.complaints)
        + abs(b.others - d.others)
    )::bigint as layer_differences,
    d.impossible_rows,
    l.newest_object - coalesce((select max(u.object_id) from raw.builds as u), 0) as unbuilt_objects,
    r.days_over_one,
    coalesce(l.quarantined_records / nullif(l.records, 0), 0)::double as quarantined_share,
    coalesce(l.duplicate_records / nullif(l.records, 0), 0)::double as duplicate_share,
    coalesce(o.sends_unseen / nullif(o.outcomes, 0), 0)::double as sends_unseen_share,
    case when r.usual_sends > 0 then (r.sends_of_day / r.usual_sends)::double else 1.0 end as volume_share,
    coalesce(date_diff('second', e.newest_event_at, getvariable('gate_day_end')) / 3600.0, 1e9)::double as age_hours
from ledger as l, events as e, outcomes as o, daily as d, hourly as h, by_event as b, rates as r
