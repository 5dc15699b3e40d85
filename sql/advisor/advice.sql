-- One row per run of the advisor on the warehouse: what it could not judge, so that a report never takes that for good.
-- not_checked: JSON list of sentences; empty when everything was judged.
-- aws: JSON list of what AWS said then, each with whether our checks say the same, do not find it, or did not look.
create table if not exists advisor.advice (
    advised_at timestamp not null,
    "day" date not null,
    not_checked varchar not null,
    aws varchar
);
