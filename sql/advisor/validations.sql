-- One row per run of the quality gate: what it said, newest last. seen_row is the last row of raw.events that it saw.
create table if not exists advisor.validations (
    validated_at timestamp not null,
    "day" date not null,
    is_passed boolean not null,
    seen_row bigint,
    failures varchar not null
);
