-- One row per object (file) of a dump: the ledger that makes a second run do nothing.
-- ignored counts, apart from records, what SNS, SES or Pinpoint say of other things than mail.
-- For a loaded object records = loaded + duplicates + quarantined; a failed one loaded nothing and is tried again.
create table if not exists raw.objects (
    object_id bigint not null,
    object_uri varchar not null,
    etag varchar not null,
    size_bytes bigint not null,
    status varchar not null,
    records bigint not null,
    loaded bigint not null,
    duplicates bigint not null,
    quarantined bigint not null,
    ignored bigint,
    error varchar,
    loaded_at timestamp not null
);
