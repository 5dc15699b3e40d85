-- One row per IP address and period of activity (mostly a day) of Microsoft's SNDS, as imported: what Outlook.com's
-- servers saw of it. day is that on which the period began; SNDS does not say in which time zone (unverified).
-- filter_result is GREEN, YELLOW or RED; complaint_rate is SNDS's text, such as < 0.1%.
create table if not exists raw.snds_days (
    ip varchar not null,
    day date not null,
    began_at timestamp not null,
    ended_at timestamp not null,
    rcpt_commands bigint,
    data_commands bigint,
    message_recipients bigint,
    filter_result varchar,
    complaint_rate varchar,
    trap_hits bigint,
    sample_helo varchar,
    sample_mail_from_domain varchar,
    imported_at timestamp not null,
    object_uri varchar not null
);
