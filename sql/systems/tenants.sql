-- One row per tenant with mail in the seven days up to the newest until last_day, or of which AWS has told
-- something: its rates, AWS's findings and sending status. A standard policy pauses a tenant on a finding of high
-- impact, a strict one on any (Amazon SES, tenants, 2026). The only line that AWS shows for a finding is 15 %
-- bounces, in a sample of 197: over_bounce_line says whether the tenant is over it with 100 recipients or more. AWS's
-- other lines and least volumes are unknown.
with newest as (
    select max("day") as "day"
    from marts.daily
    where sends > 0 and "day" <= getvariable('last_day')
),

summed as (
    select
        d.tenant,
        sum(d.sends)::bigint as sends,
        sum(d.attempts)::bigint as attempts,
        sum(d.permanent_bounces)::bigint as permanent_bounces,
        sum(d.permanent_bounces) / nullif(sum(d.attempts), 0) as bounce_rate,
        sum(d.complaints)::bigint as complaints,
        sum(d.feedback_deliveries)::bigint as feedback_deliveries,
        sum(d.complaints) / nullif(sum(d.feedback_deliveries), 0) as complaint_rate
    from marts.daily as d
    cross join newest as n
    where d.tenant is not null and d."day" between n."day" - 6 and n."day"
    group by d.tenant
),

told as (
    select
        tenant,
        count(*) filter (where status = 'OPEN' and impact = 'HIGH') as high_findings,
        count(*) filter (where status = 'OPEN' and impact <> 'HIGH') as low_findings
    from staging.aws_findings
    where tenant is not null
    group by tenant
),

statuses as (
    select
        tenant,
        bool_or(is_disabled) as is_disabled
    from staging.tenant_statuses
    where tenant is not null
    group by tenant
)

select
    coalesce(s.tenant, t.tenant, u.tenant) as tenant,
    coalesce(s.sends, 0) as sends,
    coalesce(s.attempts, 0) as attempts,
    coalesce(s.permanent_bounces, 0) as permanent_bounces,
    s.bounce_rate,
    coalesce(s.feedback_deliveries, 0) as feedback_deliveries,
    coalesce(s.complaints, 0) as complaints,
    s.complaint_rate,
    coalesce(t.high_findings, 0) as high_findings,
    coalesce(t.low_findings, 0) as low_findings,
    coalesce(u.is_disabled, false) as is_disabled,
    coalesce(s.attempts >= 100 and s.bounce_rate > 0.15, false) as over_bounce_line,
    coalesce(t.high_findings, 0) > 0 or over_bounce_line as standard_pauses,
    coalesce(t.high_findings, 0) + coalesce(t.low_findings, 0) > 0 or over_bounce_line as strict_pauses
from summed as s
full join told as t on s.tenant = t.tenant
full join statuses as u on coalesce(s.tenant, t.tenant) = u.tenant
order by sends desc, tenant asc
