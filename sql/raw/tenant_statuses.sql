-- One row per change of a tenant's sending status that EventBridge told of: status is ENABLED, DISABLED or REINSTATED,
-- origin who set it (CUSTOMER_MANAGED or AWS_MANAGED). changed_at is AWS's lastUpdatedTimestamp, in UTC.
create table if not exists raw.tenant_statuses (
    event_id uuid not null,
    occurred_at timestamp not null,
    day date not null,
    account_id varchar,
    region varchar,
    resource_arn varchar not null,
    tenant varchar,
    tenant_id varchar,
    origin varchar,
    status varchar not null,
    cause varchar,
    changed_at timestamp not null,
    object_id bigint not null,
    position bigint not null
);
