-- One row per dimension and value of it with mail in the seven days up to last_day: its recipients, and those of them
-- at mailbox providers that refuse mail by rules for senders (staging.policy_rules): there a fault costs most.
with counts as (
    select
        account_id,
        identity,
        configuration_set,
        tenant,
        isp,
        sum(sends + sends_unseen)::bigint as recipients
    from marts.daily
    where "day" between getvariable('last_day')::date - 6 and getvariable('last_day')::date
    group by all
),

named as (
    select
        recipients,
        isp in (select r.isp from staging.policy_rules as r) as has_rules,
        unnest([
            struct_pack(dimension := 'account', value := account_id),
            struct_pack(dimension := 'identity', value := identity),
            struct_pack(dimension := 'configuration_set', value := configuration_set),
            struct_pack(dimension := 'tenant', value := tenant),
            struct_pack(dimension := 'isp', value := isp)
        ]) as part
    from counts
)

select
    part.dimension as dimension,
    part.value as "value",
    coalesce(sum(recipients), 0)::bigint as recipients,
    coalesce(sum(recipients) filter (where has_rules), 0)::bigint as enforcing
from named
where part.value is not null
group by part.dimension, part.value
order by part.dimension asc, part.value asc
