-- One row per account and region with mail in the 14 days up to the newest: regions side by side, as a global endpoint
-- spreads mail over them. share is of the account's recipients in the last seven days, share_before in the seven
-- before; shift is the difference. is_silent: mail went out on each of the seven days before the newest, and on that
-- none.
with newest as (
    select max("day") as "day"
    from marts.daily
    where sends > 0
),

summed as (
    select
        d.account_id,
        d.region,
        sum(d.sends) filter (where d."day" > n."day" - 7)::bigint as sends,
        sum(d.sends) filter (where d."day" <= n."day" - 7)::bigint as sends_before,
        coalesce(sum(d.deliveries) filter (where d."day" > n."day" - 7), 0)::bigint as deliveries,
        coalesce(sum(d.permanent_bounces) filter (where d."day" > n."day" - 7), 0)::bigint as permanent_bounces,
        count(distinct d."day") filter (
            where d.sends > 0 and d."day" between n."day" - 7 and n."day" - 1
        ) as days_before,
        coalesce(sum(d.sends) filter (where d."day" = n."day"), 0) as sends_on_newest,
        max(d."day") filter (where d.sends > 0) as last_day
    from marts.daily as d
    cross join newest as n
    where d."day" > n."day" - 14
    group by d.account_id, d.region
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
    days_before = 7 and sends_on_newest = 0 as is_silent
from summed
where coalesce(sends, 0) + coalesce(sends_before, 0) > 0
order by account_id, region
