-- One row per record that could not be loaded: where it stands, why, and its text.
-- position counts the records of the object from 1.
create table if not exists raw.quarantine (
    object_uri varchar not null,
    position bigint not null,
    reason varchar not null,
    record varchar not null
);
