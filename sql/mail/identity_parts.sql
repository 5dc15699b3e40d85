-- One row per identity, From domain and tenant in the seven days up to last_day: the recipients of such mail.
select
    identity,
    from_domain,
    tenant,
    count(*) as recipients
from marts.outcomes
where
    "day" between getvariable('last_day')::date - 6 and getvariable('last_day')::date
    and identity is not null and not is_simulator
group by identity, from_domain, tenant
order by identity asc, recipients desc, from_domain asc, tenant asc
