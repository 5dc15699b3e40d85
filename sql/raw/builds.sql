-- One row: up to which object the marts are built, and with which version of the SQL.
create table if not exists raw.builds (
    object_id bigint not null,
    fingerprint varchar not null,
    built_at timestamp not null
);
