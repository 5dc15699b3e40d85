-- One row per turn in the life of a finding, oldest first: opened, worse or milder (another impact), fixed, regressed
-- (back after it was fixed), muted, unmuted. note is the reason given for muting, and until when.
create table if not exists advisor.finding_history (
    "check" varchar not null,
    resource varchar not null,
    kind varchar not null,
    happened varchar not null,
    happened_at timestamp not null,
    "day" date,
    impact varchar not null,
    title varchar not null,
    note varchar
);
