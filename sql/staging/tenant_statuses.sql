-- One row per tenant: whether it may send now. A tenant is disabled while either the customer or AWS has disabled it
-- (AWS, tenants); customer_status and aws_status are the last that EventBridge told of each, null where it told none.
-- disabled_at is since when it is disabled, null where it is not.
with ranked as (
    select
        *,
        row_number() over (
            partition by resource_arn, origin
            order by changed_at desc, occurred_at desc, event_id asc
        ) as place
    from raw.tenant_statuses
)

select
    resource_arn,
    min(account_id) as account_id,
    min(region) as region,
    min(tenant) as tenant,
    min(case when origin = 'CUSTOMER_MANAGED' then status end) as customer_status,
    min(case when origin = 'AWS_MANAGED' then status end) as aws_status,
    bool_or(status = 'DISABLED') as is_disabled,
    max(changed_at) as changed_at,
    min(case when status = 'DISABLED' then changed_at end) as disabled_at,
    max(case when status = 'DISABLED' then cause end) as cause
from ranked
where place = 1
group by resource_arn
