-- One row: recipients that the twins of marts.daily count otherwise than it does, over every count.
-- hourly_differences compares day by day and provider by provider. An event day is not a sending day, so that
-- event_day_differences compares the totals of each provider. Two errors cancel only within one such group.
with weighted as (
    select
        'hourly' as twin,
        "day" as part,
        -1 as weight,
        * exclude ("day")
    from marts.daily
    union all
    select
        'hourly' as twin,
        "hour"::date as part,
        1 as weight,
        * exclude ("hour")
    from marts.hourly
    union all
    select
        'event_day' as twin,
        null as part,
        -1 as weight,
        * exclude ("day")
    from marts.daily
    union all
    select
        'event_day' as twin,
        null as part,
        1 as weight,
        * exclude ("day")
    from marts.daily_by_event_day
),

summed as (
    select
        twin,
        sum(weight * sends) as sends,
        sum(weight * attempts) as attempts,
        sum(weight * sends_unseen) as sends_unseen,
        sum(weight * deliveries) as deliveries,
        sum(weight * permanent_bounces) as permanent_bounces,
        sum(weight * transient_bounces) as transient_bounces,
        sum(weight * undetermined_bounces) as undetermined_bounces,
        sum(weight * suppressed) as suppressed,
        sum(weight * auto_replies) as auto_replies,
        sum(weight * rejects) as rejects,
        sum(weight * rendering_failures) as rendering_failures,
        sum(weight * delivery_delays) as delivery_delays,
        sum(weight * complaints) as complaints,
        sum(weight * not_spam) as not_spam,
        sum(weight * feedback_deliveries) as feedback_deliveries,
        sum(weight * opens) as opens,
        sum(weight * human_opens) as human_opens,
        sum(weight * clicks) as clicks,
        sum(weight * human_clicks) as human_clicks,
        sum(weight * unsubscribes) as unsubscribes
    from weighted
    group by twin, part, isp
),

differing as (
    select
        twin,
        abs(sends)
        + abs(attempts)
        + abs(sends_unseen)
        + abs(deliveries)
        + abs(permanent_bounces)
        + abs(transient_bounces)
        + abs(undetermined_bounces)
        + abs(suppressed)
        + abs(auto_replies)
        + abs(rejects)
        + abs(rendering_failures)
        + abs(delivery_delays)
        + abs(complaints)
        + abs(not_spam)
        + abs(feedback_deliveries)
        + abs(opens)
        + abs(human_opens)
        + abs(clicks)
        + abs(human_clicks)
        + abs(unsubscribes) as differences
    from summed
)

select
    coalesce(sum(differences) filter (where twin = 'hourly'), 0)::bigint as hourly_differences,
    coalesce(sum(differences) filter (where twin = 'event_day'), 0)::bigint as event_day_differences
from differing
