-- One row per account and region with mail in the 28 days up to the newest until last_day: regions side by side, as a
-- global endpoint spreads mail over them. share is of the account's recipients in the last seven days, share_before in
-- the seven before; shift is the difference. is_silent: mail went out on each of seven days running, and none since.
with newest as (
    select max("day") as "day"
    from marts.daily
    where sends > 0 and "day" <= getvariable('last_day')
),

sending as (
    select
        d.account_id,
        d.region,
        max(d."day") as last_day
    from marts.daily as d
    cross join newest as n
    where d.sends > 0 and d."day" between n."day" - 27 and n."day"
    group by d.account_id, d.region
),

summed as (
    select
        d.account_id,
        d.region,
        sum(d.sends) filter (where d."day" > n."day" - 7)::bigint as sends,
        sum(d.sends) filter (where d."day" between n."day" - 13 and n."day" - 7)::bigint as sends_before,
        coalesce(sum(d.deliveries) filter (where d."day" > n."day" - 7), 0)::bigint as deliveries,
        coalesce(sum(d.permanent_bounces) filter (where d."day" > n."day" - 7), 0)::bigint as permanent_bounces,
        count(distinct d."day") filter (where d.sends > 0 and d."day" > s.last_day - 7) as days_running,
        s.last_day,
        n."day" as newest_day
    from marts.daily as d
    cross join newest as n
    inner join sending as s on d.account_id is not distinct from s.account_id and d.region is not distinct from s.region
    where d."day" between n."day" - 33 and n."day"
    group by d.account_id, d.region, s.last_day, n."day"
)

select
    account_id,
    region,
    coalesce(sends, 0) as sends,
    coalesce(sends, 0) / nullif(sum(sends) over (partition by account_id), 0) as share,
    coalesce(sends_before, 0) / nullif(sum(sends_before) over (partition by account_id), 0) as share_before,
    round(share - share_before, 4) as shift,
    deliveries / nullif(sends, 0) as delivered_share,
    permanent_bounces / nullif(sends, 0) as bounced_share,
    last_day,
    newest_day,
    days_running = 7 and last_day < newest_day as is_silent
from summed
order by account_id, region
