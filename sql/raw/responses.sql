-- One row per response of a receiver to a bounce or delay, with what varies in it masked (response of staging.events),
-- and what mailgauge.reasons makes of it; it is made anew when its rules change. No person is in it.
create table if not exists raw.responses (
    response varchar not null,
    reason varchar not null,
    is_expired boolean not null,
    rule varchar,
    provider varchar
);
