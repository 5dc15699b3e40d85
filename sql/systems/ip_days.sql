-- One row per sending IP, mailbox provider and day of the 45 days up to the newest until last_day: the curve of its
-- warm-up, which takes Amazon SES 45 days for a new dedicated IP (2026). best_before is the most on a day before,
-- within these days. is_new_ip: the address had no mail in the first seven days that the warehouse knows. The variable
-- sending_ips lists the addresses; null is all of them.
with newest as (
    select
        min("day") as first_day,
        max("day") as last_day
    from marts.outcomes
    where outgoing_ip is not null and not is_simulator and "day" <= getvariable('last_day')
),

firsts as (
    select
        outgoing_ip,
        min("day") as first_day
    from marts.outcomes
    where
        outgoing_ip is not null and not is_simulator
        and coalesce(list_contains(getvariable('sending_ips')::varchar[], outgoing_ip), true)
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
    where
        o."day" between n.last_day - 44 and n.last_day
        and o.outgoing_ip is not null and not o.is_simulator
        and coalesce(list_contains(getvariable('sending_ips')::varchar[], o.outgoing_ip), true)
    group by o.outgoing_ip, o.isp, o."day"
)

select
    d.outgoing_ip as sending_ip,
    d.isp,
    d."day",
    d.recipients,
    d.delayed,
    d.permanent_bounces,
    max(d.recipients) over (
        partition by d.outgoing_ip, d.isp
        order by d."day"
        rows between unbounded preceding and 1 preceding
    ) as best_before,
    f.first_day as first_day_of_ip,
    f.first_day - n.first_day >= 7 as is_new_ip
from days as d
inner join firsts as f on d.outgoing_ip = f.outgoing_ip
cross join newest as n
order by sending_ip asc, d.isp asc, d."day" asc
