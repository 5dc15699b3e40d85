-- One row per run of the quality gate: what it said, newest last.
create table if not exists advisor.validations (
    validated_at timestamp not null,
    "day" date not null,
    is_passed boolean not null,
    failures varchar not null
);
