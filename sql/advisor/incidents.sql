-- One row per incident: a complaint rate over the limit, with one cause, from the day it opened to the day it closed.
-- The cause is the cell (identity, isp) with the most complaints over the limit; a mailbox provider is never null.
-- complaints and deliveries are of that cell, over window_days ending on last_day; deliveries are those to
-- providers whose complaints can reach SES.
-- scopes: JSON list of dimension, value, window_days, numerator, denominator, rate, low, high, as of last_day.
-- opening: JSON, what was known on opened_day, so that a mail sent late says what it would have said then.
-- opened_mail and closed_mail: pending, sent, or dropped (closed while nobody was named to get mail);
-- the time beside each is null while it is pending. closed_mail is null while the incident is open.
create table if not exists advisor.incidents (
    incident_id varchar not null,
    identity varchar,
    isp varchar not null,
    complaint_limit double not null,
    window_days bigint not null,
    opened_day date not null,
    breached_day date not null,
    last_day date not null,
    closed_day date,
    complaints bigint not null,
    deliveries bigint not null,
    peak_day date not null,
    peak_complaints bigint not null,
    peak_deliveries bigint not null,
    scopes varchar not null,
    opening varchar not null,
    opened_mail varchar not null,
    opened_mail_at timestamp,
    closed_mail varchar,
    closed_mail_at timestamp
);
