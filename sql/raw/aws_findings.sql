-- One row per change of a finding of AWS's own, and resource: an advisor recommendation on an identity, or a finding
-- on a tenant, that EventBridge told of. status is OPEN or FIXED (EventBridge's Resolved); message is AWS's sentence.
-- impact and finding_type (BOUNCE, COMPLAINT, …) are told of tenants only. Times are UTC.
create table if not exists raw.aws_findings (
    event_id uuid not null,
    occurred_at timestamp not null,
    day date not null,
    account_id varchar,
    region varchar,
    resource_arn varchar not null,
    identity varchar,
    tenant varchar,
    tenant_id varchar,
    status varchar not null,
    impact varchar,
    finding_type varchar,
    message varchar not null,
    object_id bigint not null,
    position bigint not null
);
