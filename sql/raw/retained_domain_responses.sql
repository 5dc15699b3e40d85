-- One row per recipient domain and token, as in raw.domain_responses, and expiry: what events said that have expired.
create table if not exists raw.retained_domain_responses (
    recipient_domain varchar not null,
    token varchar not null,
    responses bigint not null
);
