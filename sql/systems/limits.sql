-- One row per account and region: how much of its sending limits it used, and when the trend reaches them. Amazon
-- SES's quota counts recipients in any 24 hours (suppressed ones too), and per second (2026). trailing_24_hours is
-- of whole hours up to the newest with mail until last_day, peak_24_hours the most in 30 days, peak_second the most
-- in the newest two days. The quotas are settings (limits): without one its shares are null. days_until: the quota
-- less the newest day, over the slope of a line through the last 28 whole days; null where it does not rise, or of
-- too few days (14). The variable limits is a JSON object by region: {"eu-west-1": {"recipients_a_day": 50000}}.
with hours as (
    select
        account_id,
        region,
        "hour",
        sum(sends) as sends
    from marts.hourly
    where sends > 0 and "hour"::date <= getvariable('last_day')
    group by account_id, region, "hour"
),

rolling as (
    select
        *,
        max("hour") over () as newest,
        sum(sends) over (
            partition by account_id, region
            order by "hour"
            range between interval 23 hour preceding and current row
        ) as in_24_hours
    from hours
),

peaks as (
    select
        account_id,
        region,
        coalesce(sum(sends) filter (where "hour" > newest - interval 24 hour), 0)::bigint as trailing_24_hours,
        max(in_24_hours) filter (where "hour" > newest - interval 30 day)::bigint as peak_24_hours,
        min(newest) as newest
    from rolling
    group by account_id, region
),

daily as (
    select
        account_id,
        region,
        "hour"::date as "day",
        sum(sends) as sends
    from hours
    group by account_id, region, "hour"::date
),

trends as (
    select
        d.account_id,
        d.region,
        count(*) as days,
        -- The last digits of a sum hang on the order of its rows: without them even mail rises by nothing.
        round(regr_slope(d.sends, d."day" - p.newest::date), 6) as slope,
        arg_max(d.sends, d."day") as newest_day
    from daily as d
    inner join peaks as p on d.account_id is not distinct from p.account_id and d.region is not distinct from p.region
    where d."day" between p.newest::date - 28 and p.newest::date - 1
    group by d.account_id, d.region
),

seconds as (
    select
        account_id,
        region,
        max(sends) as peak_second
    from (
        select
            o.account_id,
            o.region,
            count(*) as sends
        from marts.outcomes as o
        where
            o.send_seen_at is not null and not o.is_simulator
            and o."day" between (select max(n.newest)::date - 1 from peaks as n) and getvariable('last_day')
        group by o.account_id, o.region, date_trunc('second', o.sent_at)
    ) as counted
    group by account_id, region
),

quotas as (
    select
        *,
        (getvariable('limits')::json -> region ->> 'recipients_a_day')::bigint as quota_day,
        (getvariable('limits')::json -> region ->> 'recipients_a_second')::double as quota_second
    from peaks
)

select
    p.account_id,
    p.region,
    p.trailing_24_hours,
    p.peak_24_hours,
    p.quota_day,
    p.peak_24_hours / p.quota_day as used_day,
    s.peak_second,
    p.quota_second,
    s.peak_second / p.quota_second as used_second,
    case
        when t.days >= 14 and t.slope > 0
            then greatest(0, ceil((p.quota_day - t.newest_day) / t.slope))::bigint
    end as days_until
from quotas as p
left join seconds as s on p.account_id is not distinct from s.account_id and p.region is not distinct from s.region
left join trends as t on p.account_id is not distinct from t.account_id and p.region is not distinct from t.region
order by p.account_id, p.region
