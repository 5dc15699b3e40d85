-- One row per recipient domain and token of staging.isp_responses: in how many events its servers named it.
-- A build adds what new events say; a full one counts again, and starts from those of expired messages.
create table if not exists raw.domain_responses (
    recipient_domain varchar not null,
    token varchar not null,
    responses bigint not null
);
