-- One row: whether marts.outcomes has what every row must have, and whether marts.daily counts what it holds.
-- outcome_differences is the recipients that marts.daily counts otherwise, day by day, of what complaint and
-- delivery rates are made of. The mailbox simulator is in no count.
-- sends_unseen_share is of the mail of the day asked for (gate_day) and the 30 days before: at the start of a stream
-- there is always feedback on older mail. A recipient that SES suppressed may have no Send.
with counted as (
    select
        "day",
        count(*) as outcomes,
        count(*) filter (where isp is null or "day" is null) as unattributed,
        count(*) filter (where send_seen_at is null and suppressed_at is null) as sends_unseen,
        count(send_seen_at) as sends,
        count(delivered_at) as deliveries,
        count(complained_at) as complaints,
        count(delivered_at) filter (where is_feedback_capable) as feedback_deliveries
    from marts.outcomes
    where not is_simulator
    group by "day"
),

daily as (
    select
        "day",
        count(*) filter (where isp is null or "day" is null) as unattributed,
        sum(sends) as sends,
        sum(deliveries) as deliveries,
        sum(complaints) as complaints,
        sum(feedback_deliveries) as feedback_deliveries
    from marts.daily
    group by "day"
)

select
    (coalesce(sum(c.unattributed), 0) + coalesce(sum(d.unattributed), 0))::bigint as unattributed_rows,
    coalesce(sum(
        abs(coalesce(c.sends, 0) - coalesce(d.sends, 0))
        + abs(coalesce(c.deliveries, 0) - coalesce(d.deliveries, 0))
        + abs(coalesce(c.complaints, 0) - coalesce(d.complaints, 0))
        + abs(coalesce(c.feedback_deliveries, 0) - coalesce(d.feedback_deliveries, 0))
    ), 0)::bigint as outcome_differences,
    (
        sum(c.sends_unseen) filter (where c."day" between getvariable('gate_day') - 30 and getvariable('gate_day'))
        / nullif(
            sum(c.outcomes) filter (where c."day" between getvariable('gate_day') - 30 and getvariable('gate_day')), 0
        )
    )::double as sends_unseen_share
from counted as c
full join daily as d on c."day" is not distinct from d."day"
