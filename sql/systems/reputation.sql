-- One row per account and region: bounces and complaints over its last recipients, against the lines AWS publishes.
-- AWS takes "a representative volume" and does not say how much: here whole hours, newest first, until there are
-- `last_recipients` of them; `recipients` says how many that came to, `since_hour` from when on.
-- Lines (Amazon SES, reputation dashboards, 2026): review from 5 % bounces or 0.1 % complaints, sending may be paused
-- from 10 % or 0.5 %. AWS counts hard bounces to domains that are not verified; here all permanent ones count.
-- The variables: last_recipients, last_day.
with hours as (
    select
        account_id,
        region,
        "hour",
        sum(attempts) as attempts,
        sum(permanent_bounces) as bounces,
        sum(feedback_deliveries) as feedback_deliveries,
        sum(complaints) as complaints
    from marts.hourly
    where "hour"::date <= getvariable('last_day')
    group by account_id, region, "hour"
    having sum(attempts) > 0 or sum(complaints) > 0
),

newest as (
    select
        *,
        coalesce(sum(attempts) over (
            partition by account_id, region
            order by "hour" desc
            rows between unbounded preceding and 1 preceding
        ), 0) as newer
    from hours
),

summed as (
    select
        account_id,
        region,
        sum(attempts)::bigint as recipients,
        min("hour") as since_hour,
        sum(bounces)::bigint as bounces,
        sum(bounces) / nullif(sum(attempts), 0) as bounce_rate,
        sum(complaints)::bigint as complaints,
        sum(feedback_deliveries)::bigint as feedback_deliveries,
        sum(complaints) / nullif(sum(feedback_deliveries), 0) as complaint_rate
    from newest
    where newer < getvariable('last_recipients')
    group by account_id, region
)

select
    account_id,
    region,
    recipients,
    since_hour,
    bounces,
    bounce_rate,
    complaints,
    feedback_deliveries,
    complaint_rate,
    case
        when bounce_rate >= 0.1 or complaint_rate >= 0.005 then 'may be paused'
        when bounce_rate >= 0.05 or complaint_rate >= 0.001 then 'review'
        else 'healthy'
    end as standing
from summed
order by account_id, region
