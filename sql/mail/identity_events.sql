-- One row per identity, domain of the envelope sender and kind of event in the seven days up to last_day: recipients
-- of Sends, or the bounces, complaints and deliveries that came as published events and as feedback notifications.
with events as (
    select
        identity,
        source,
        case
            when event_type = 'Send' then 'send'
            when origin = 'notification' then 'notification'
            else 'published'
        end as kind,
        count(*) as n
    from raw.events
    where
        "day" between getvariable('last_day')::date - 6 and getvariable('last_day')::date
        and identity is not null and event_type in ('Send', 'Bounce', 'Complaint', 'Delivery')
        and coalesce(recipient_domain <> 'simulator.amazonses.com', true)
    group by all
)

select
    identity,
    kind,
    case
        when kind = 'send' then nullif(lower(regexp_extract(source, '@([^@<>\s]+)[>\s]*$', 1)), '')
    end as envelope_domain,
    sum(n)::bigint as recipients
from events
group by all
order by identity asc, kind asc, recipients desc, envelope_domain asc
