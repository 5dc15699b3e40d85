-- One row per message received, recipient and action of a receipt rule, as SES told it. Times are UTC.
-- A message that meets two actions is told twice: count distinct message_id and recipient for messages.
-- Verdicts are PASS, FAIL, GRAY (no policy, or not sure) or PROCESSING_FAILED; dmarc_policy is told where DMARC fails.
-- account_id and region are those of the action's function, organisation or topic; the notification names no other.
-- event_id is the same however often and by whichever channel the notification arrives.
create table if not exists raw.inbound_receipts (
    event_id uuid not null,
    occurred_at timestamp not null,
    day date not null,
    message_id varchar not null,
    recipient varchar,
    recipient_domain varchar,
    recipient_index integer not null,
    account_id varchar,
    region varchar,
    source varchar,
    from_domain varchar,
    subject varchar,
    spam_verdict varchar,
    virus_verdict varchar,
    spf_verdict varchar,
    dkim_verdict varchar,
    dmarc_verdict varchar,
    dmarc_policy varchar,
    action varchar,
    action_target varchar,
    smtp_reply_code varchar,
    status varchar,
    processing_time_millis bigint,
    object_id bigint not null,
    position bigint not null
);
