-- One row per identity and rule of a mailbox provider by which it refused or delayed mail in the seven days up to
-- last_day, or in the seven before: recipients refused for good or given up, those only delayed, both a week earlier,
-- and all recipients that SES tried there in each of the weeks.
with recent as (
    select
        o.identity,
        o.isp,
        o.policy_rule,
        o."day" > getvariable('last_day')::date - 7 as is_recent,
        coalesce(o.permanent_bounced_at, o.transient_bounced_at, o.undetermined_bounced_at) is not null as is_refused
    from marts.outcomes as o
    where
        o."day" between getvariable('last_day')::date - 13 and getvariable('last_day')::date
        and o.identity is not null and not o.is_simulator and o.suppressed_at is null
),

tried as (
    select
        identity,
        isp,
        count(*) filter (where is_recent) as attempts,
        count(*) filter (where not is_recent) as attempts_before
    from recent
    group by identity, isp
)

select
    r.identity,
    r.policy_rule,
    min(r.isp) as isp,
    min(p.meaning) as meaning,
    count(*) filter (where r.is_recent and r.is_refused) as refused,
    count(*) filter (where r.is_recent and not r.is_refused) as delayed,
    count(*) filter (where not r.is_recent) as before,
    coalesce(max(t.attempts), 0) as attempts,
    coalesce(max(t.attempts_before), 0) as attempts_before
from recent as r
left join tried as t on r.identity = t.identity and r.isp = t.isp
left join staging.policy_rules as p on r.isp = p.isp and r.policy_rule = p.policy_rule
where r.policy_rule is not null
group by r.identity, r.policy_rule
order by r.identity asc, r.policy_rule asc
