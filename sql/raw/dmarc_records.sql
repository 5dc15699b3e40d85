-- One row per record of a DMARC aggregate report (RFC 9990 and older): how many messages of a From domain a receiver
-- got from an IP address, what it made of them, and whether DKIM or SPF was aligned. day is that on which the report
-- begins. dkim_ and spf_ are of the result that passed, else of the first.
create table if not exists raw.dmarc_records (
    reporter varchar not null,
    report_id varchar not null,
    record_index integer not null,
    day date not null,
    began_at timestamp not null,
    ended_at timestamp not null,
    policy_domain varchar not null,
    policy varchar,
    header_from varchar not null,
    envelope_from varchar,
    source_ip varchar,
    messages bigint not null,
    disposition varchar,
    is_dkim_aligned boolean not null,
    is_spf_aligned boolean not null,
    dkim_domain varchar,
    dkim_selector varchar,
    dkim_result varchar,
    spf_domain varchar,
    spf_result varchar,
    imported_at timestamp not null,
    object_uri varchar not null
);
