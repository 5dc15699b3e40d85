-- One row per event and recipient, as SES told it. Names are SES's, in snake case; times are UTC.
-- tags is SES's JSON object of lists: tags ->> '$.campaign[0]'.
-- origin is 'ses', 'notification' for what a feedback notification told first, or 'pinpoint' for what Pinpoint's event
-- stream told.
-- day is the UTC day of sending, where the event says it, else the day it happened.
-- unsubscribe_header says how the header List-Unsubscribe lets a person leave: 'one-click' (an https address, and
-- List-Unsubscribe-Post as RFC 8058 has it), 'https', 'mailto', 'other', or 'none' where there is no such header.
-- dkim_keys are the names of the keys that the sender's own DKIM-Signature headers name, one behind the other.
-- Both stand in Sends alone, and are null where the event carries no headers; what they say of people is not kept.
create table if not exists raw.events (
    event_id uuid not null,
    event_type varchar not null,
    occurred_at timestamp not null,
    sent_at timestamp,
    day date not null,
    message_id varchar not null,
    recipient varchar,
    recipient_domain varchar,
    recipient_index integer not null,
    account_id varchar,
    region varchar,
    identity varchar,
    from_domain varchar,
    configuration_set varchar,
    tenant varchar,
    subject varchar,
    tags varchar,
    source varchar,
    outgoing_ip varchar,
    feedback_id varchar,
    bounce_type varchar,
    bounce_sub_type varchar,
    status varchar,
    diagnostic_code varchar,
    reporting_mta varchar,
    remote_mta_ip varchar,
    smtp_response varchar,
    processing_time_millis bigint,
    complaint_sub_type varchar,
    complaint_feedback_type varchar,
    user_agent varchar,
    ip_address varchar,
    is_bot_event varchar,
    link varchar,
    link_tags varchar,
    reject_reason varchar,
    template_name varchar,
    error_message varchar,
    delay_type varchar,
    expires_at timestamp,
    contact_list varchar,
    subscription_source varchar,
    new_topic_preferences varchar,
    unsubscribe_header varchar,
    dkim_keys varchar,
    origin varchar,
    object_id bigint not null,
    slot bigint
);
