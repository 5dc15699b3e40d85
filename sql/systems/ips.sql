-- One row per sending IP and mailbox provider with mail in the 30 days up to the newest until last_day: how its
-- volume grew, and whether it is enough to keep the address warm. Amazon SES advises for dedicated IPs (2026) about
-- 1,000 a day to each provider while warming, and several hundred to each in 24 hours at least monthly:
-- is_below_warm where no day had 300 (our reading of "several hundred"). It says nothing of shared addresses, whose
-- warmth is AWS's business. grown is the newest day's volume over that of the first day; warm_up_day counts from the
-- address's first mail.
with newest as (
    select max("day") as "day"
    from marts.outcomes
    where outgoing_ip is not null and not is_simulator and "day" <= getvariable('last_day')
),

firsts as (
    select
        outgoing_ip,
        min("day") as first_day
    from marts.outcomes
    where outgoing_ip is not null and not is_simulator
    group by outgoing_ip
),

days as (
    select
        o.outgoing_ip,
        o.isp,
        o."day",
        count(*) as recipients,
        count(o.delayed_at) as delayed,
        count(o.permanent_bounced_at) as permanent_bounces
    from marts.outcomes as o
    cross join newest as n
    where o."day" between n."day" - 29 and n."day" and o.outgoing_ip is not null and not o.is_simulator
    group by o.outgoing_ip, o.isp, o."day"
)

select
    d.outgoing_ip as sending_ip,
    d.isp,
    min(f.first_day) as first_day,
    max(d."day") - min(f.first_day) + 1 as warm_up_day,
    sum(d.recipients)::bigint as recipients,
    max(d.recipients) as best_day,
    arg_max(d.recipients, d."day") as newest_day,
    round(arg_max(d.recipients, d."day") / arg_min(d.recipients, d."day"), 2) as grown,
    sum(d.delayed) / sum(d.recipients) as delayed_share,
    sum(d.permanent_bounces) / sum(d.recipients) as bounced_share,
    max(d.recipients) < 300 as is_below_warm
from days as d
inner join firsts as f on d.outgoing_ip = f.outgoing_ip
group by d.outgoing_ip, d.isp
order by sending_ip asc, recipients desc
