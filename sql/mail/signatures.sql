-- One row per identity, From domain and set of the sender's own DKIM keys (names, one behind the other) in the 30 days
-- up to last_day: the recipients of mail signed so, and those of the last seven days.
select
    identity,
    from_domain,
    dkim_keys,
    count(*) as recipients,
    count(*) filter (where "day" > getvariable('last_day')::date - 7) as recent
from raw.events
where
    "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
    and event_type = 'Send' and dkim_keys is not null
group by identity, from_domain, dkim_keys
order by identity asc, from_domain asc, dkim_keys asc
