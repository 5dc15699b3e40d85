-- One row per configuration set with events in the 30 days up to last_day: what of its mail its events tell, and what
-- those of the other configuration sets of the same identities tell (others_). Where no Send arrives, something else
-- does of mail that was never seen being sent (sends_unseen).
with daily as (
    select *
    from marts.daily
    where
        "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
        and configuration_set is not null and identity is not null
),

sums as (
    select
        configuration_set,
        identity,
        sum(sends)::bigint as sends,
        sum(sends_unseen)::bigint as sends_unseen,
        sum(deliveries)::bigint as deliveries,
        sum(permanent_bounces + transient_bounces + undetermined_bounces)::bigint as bounces,
        sum(complaints)::bigint as complaints,
        sum(feedback_deliveries)::bigint as feedback_deliveries
    from daily
    group by configuration_set, identity
),

others as (
    select
        a.configuration_set,
        sum(b.sends + b.sends_unseen)::bigint as sends,
        sum(b.bounces)::bigint as bounces,
        sum(b.complaints)::bigint as complaints,
        sum(b.feedback_deliveries)::bigint as feedback_deliveries
    from sums as a
    inner join sums as b on a.identity = b.identity and a.configuration_set <> b.configuration_set
    group by a.configuration_set
)

select
    s.configuration_set,
    sum(s.sends)::bigint as sends,
    sum(s.sends_unseen)::bigint as sends_unseen,
    sum(s.deliveries)::bigint as deliveries,
    sum(s.bounces)::bigint as bounces,
    sum(s.complaints)::bigint as complaints,
    sum(s.feedback_deliveries)::bigint as feedback_deliveries,
    coalesce(max(o.sends), 0) as others_sends,
    coalesce(max(o.bounces), 0) as others_bounces,
    coalesce(max(o.complaints), 0) as others_complaints,
    coalesce(max(o.feedback_deliveries), 0) as others_feedback_deliveries
from sums as s
left join others as o on s.configuration_set = o.configuration_set
group by s.configuration_set
order by s.configuration_set asc
