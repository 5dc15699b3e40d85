-- One row per sending IP and day of 30 that Microsoft's SNDS tells of: its filter result, complaint rate and trap hits
-- beside what SES tells of the same IP's mail to Outlook on that day, by the day of sending.
with told as (
    select
        ip,
        "day",
        arg_max(filter_result, began_at) as filter_result,
        arg_max(complaint_rate, began_at) as snds_complaint_rate,
        sum(trap_hits)::bigint as trap_hits,
        sum(message_recipients)::bigint as message_recipients
    from raw.snds_days
    where "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
    group by ip, "day"
),

sent as (
    select
        outgoing_ip as ip,
        "day",
        count(*) as recipients,
        count(delivered_at) as deliveries,
        count(complained_at) as complaints
    from marts.outcomes
    where
        isp = 'Outlook' and outgoing_ip in (select t.ip from told as t)
        and "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
    group by outgoing_ip, "day"
)

select
    t.ip as sending_ip,
    t."day",
    t.filter_result,
    t.snds_complaint_rate,
    t.trap_hits,
    t.message_recipients,
    coalesce(s.recipients, 0) as recipients,
    coalesce(s.deliveries, 0) as deliveries,
    coalesce(s.complaints, 0) as complaints
from told as t
left join sent as s on t.ip = s.ip and t."day" = s."day"
order by t.ip asc, t."day" desc
