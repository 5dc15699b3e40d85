-- One row per finding of AWS's own as it stands now: the last that EventBridge told of it.
-- A finding on an identity is known by its sentence; one on a tenant by its type, as its sentence quotes changing
-- figures. In the same second OPEN wins: not to be sure is not to be well.
-- finding_type is AWS's word where told, else what the sentence is about (AWS, advisor checks).
with typed as (
    select
        *,
        coalesce(
            finding_type,
            case
                when message like '%ISP has % complaint rate%' then 'COMPLAINT'
                when message like 'DKIM %' then 'DKIM'
                when message like 'DMARC %' then 'DMARC'
                when message like 'BIMI %' then 'BIMI'
                when message like '%SPF %' or message like 'MAIL FROM %' then 'SPF'
            end
        ) as told_type,
        case when tenant is null then message else coalesce(finding_type, message) end as topic
    from raw.aws_findings
),

ranked as (
    select
        *,
        row_number() over (
            partition by resource_arn, topic
            order by occurred_at desc, status desc, event_id asc
        ) as place,
        min(case when status = 'OPEN' then occurred_at end) over (partition by resource_arn, topic) as first_seen_at,
        max(case when status = 'OPEN' then occurred_at end) over (partition by resource_arn, topic) as last_opened_at
    from typed
)

select
    account_id,
    region,
    resource_arn,
    identity,
    tenant,
    status,
    impact,
    told_type as finding_type,
    message,
    first_seen_at,
    last_opened_at,
    occurred_at as last_seen_at,
    case when status = 'FIXED' then occurred_at end as fixed_at
from ranked
where place = 1
