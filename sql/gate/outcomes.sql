-- One row: whether marts.outcomes has what every row must have, and whether marts.daily counts what it holds.
-- outcome_differences is the recipients that marts.daily counts otherwise, day by day, of what complaint and
-- delivery rates are made of, and of sends unseen; what expired outcomes counted is set aside. The mailbox simulator is
-- in no count.
-- sends_unseen_share is that of metrics.sends_unseen_share, over the mail of the day asked for (gate_day) and the 30
-- days before: at the start of a stream there is always feedback on older mail.
with counted as (
    select
        "day",
        count(*) filter (where isp is null or "day" is null) as unattributed,
        count(*) filter (where is_send_unseen) as sends_unseen,
        count(send_seen_at) as sends,
        count(delivered_at) as deliveries,
        count(complained_at) as complaints,
        count(delivered_at) filter (where is_feedback_capable) as feedback_deliveries
    from marts.outcomes
    where not is_simulator
    group by "day"
),

kept as (
    select
        "day",
        isp,
        sends,
        sends_unseen,
        deliveries,
        complaints,
        feedback_deliveries
    from marts.daily
    union all
    select
        "day",
        isp,
        -sends as sends,
        -sends_unseen as sends_unseen,
        -deliveries as deliveries,
        -complaints as complaints,
        -feedback_deliveries as feedback_deliveries
    from marts.retained_daily
),

daily as (
    select
        "day",
        count(*) filter (where isp is null or "day" is null) as unattributed,
        sum(sends) as sends,
        sum(sends_unseen) as sends_unseen,
        sum(deliveries) as deliveries,
        sum(complaints) as complaints,
        sum(feedback_deliveries) as feedback_deliveries
    from kept
    group by "day"
)

select
    (coalesce(sum(c.unattributed), 0) + coalesce(sum(d.unattributed), 0))::bigint as unattributed_rows,
    coalesce(sum(
        abs(coalesce(c.sends, 0) - coalesce(d.sends, 0))
        + abs(coalesce(c.sends_unseen, 0) - coalesce(d.sends_unseen, 0))
        + abs(coalesce(c.deliveries, 0) - coalesce(d.deliveries, 0))
        + abs(coalesce(c.complaints, 0) - coalesce(d.complaints, 0))
        + abs(coalesce(c.feedback_deliveries, 0) - coalesce(d.feedback_deliveries, 0))
    ), 0)::bigint as outcome_differences,
    (
        select (sum(m.numerator) / nullif(sum(m.denominator), 0))::double
        from metrics.sends_unseen_share as m
        where m."day" between getvariable('gate_day') - 30 and getvariable('gate_day')
    ) as sends_unseen_share
from counted as c
full join daily as d on c."day" is not distinct from d."day"
