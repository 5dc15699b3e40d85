-- One row: whether the counts of marts.daily can be, and whether the day asked for (gate_day) has its usual mail.
-- impossible_rows hold a part that is greater than its whole, or less than nothing: the pipeline is wrong.
-- days_over_one are days of the last 31 whose rates exceed 1, which incomplete dumps can do (feedback without its
-- Send); a day without denominator has no rate.
-- volume_share is the day's sends against the median of the same weekday in the eight weeks before, where there are
-- at least three; null says that there is too little to compare with.
with totals as (
    select
        "day",
        sum(sends) as sends,
        sum(attempts) as attempts,
        sum(deliveries) as deliveries,
        sum(feedback_deliveries) as feedback_deliveries,
        sum(complaints) as complaints,
        sum(permanent_bounces) as permanent_bounces,
        sum(transient_bounces) as transient_bounces,
        sum(delivery_delays) as delivery_delays,
        sum(opens) as opens,
        sum(clicks) as clicks,
        count(*) filter (
            where attempts > sends
            or feedback_deliveries > deliveries
            or human_opens > opens
            or human_clicks > clicks
            or least(
                sends, attempts, sends_unseen, deliveries, permanent_bounces, transient_bounces, undetermined_bounces,
                suppressed, auto_replies, rejects, rendering_failures, delivery_delays, complaints,
                not_spam, feedback_deliveries, opens, human_opens, clicks, human_clicks,
                unsubscribes
            ) < 0
        ) as impossible_rows
    from marts.daily
    group by "day"
),

checked as (
    select
        coalesce(sum(impossible_rows), 0)::bigint as impossible_rows,
        count(*) filter (
            where "day" between getvariable('gate_day') - 30 and getvariable('gate_day')
            and (
                (
                    attempts > 0
                    and greatest(deliveries, permanent_bounces, transient_bounces, delivery_delays) > attempts
                )
                or (feedback_deliveries > 0 and complaints > feedback_deliveries)
                or (deliveries > 0 and greatest(complaints, opens, clicks) > deliveries)
            )
        ) as days_over_one,
        coalesce(sum(sends) filter (where "day" = getvariable('gate_day')), 0) as sends_of_day
    from totals
),

weekdays as (
    select coalesce(t.sends, 0) as sends
    from (values (7), (14), (21), (28), (35), (42), (49), (56)) as ago (days)
    left join totals as t on t."day" = getvariable('gate_day') - ago.days
    where getvariable('gate_day') - ago.days >= (select min(first."day") from totals as first)
),

usual as (
    select
        count(*) as weeks,
        median(sends) as sends
    from weekdays
)

select
    c.impossible_rows,
    c.days_over_one,
    case when u.weeks >= 3 and u.sends > 0 then c.sends_of_day / u.sends end::double as volume_share
from checked as c
cross join usual as u
