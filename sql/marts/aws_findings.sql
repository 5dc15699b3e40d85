-- One row per thing that AWS itself says now of one of the sender's identities or tenants: its open recommendations and
-- findings, and tenants that may not send or that AWS has reinstated. resource is spelled as in advisor.findings, so
-- that both words on it can stand side by side; kind is recommendation or sending_status.
-- impact and finding_type are AWS's, null where it tells none. A view: there are few.
create or replace view marts.aws_findings as
select
    case
        when tenant is not null then concat('tenant:', tenant)
        when identity is not null then concat('identity:', identity)
        else resource_arn
    end as resource,
    'recommendation' as kind,
    account_id,
    region,
    resource_arn,
    finding_type,
    impact,
    message,
    coalesce(first_seen_at, last_seen_at) as first_seen_at,
    last_seen_at
from staging.aws_findings
where status = 'OPEN'
union all
select
    case when tenant is not null then concat('tenant:', tenant) else resource_arn end as resource,
    'sending_status' as kind,
    account_id,
    region,
    resource_arn,
    null as finding_type,
    null as impact,
    case
        when aws_status = 'DISABLED' then concat_ws(': ', 'AWS has stopped its sending', cause)
        when is_disabled then concat_ws(': ', 'The customer has stopped its sending', cause)
        else 'AWS has reinstated its sending, whatever is found until all is resolved'
    end as message,
    coalesce(disabled_at, changed_at) as first_seen_at,
    changed_at as last_seen_at
from staging.tenant_statuses
where is_disabled or aws_status = 'REINSTATED';
