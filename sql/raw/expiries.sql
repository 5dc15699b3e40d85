-- One row per run of expire that took something out: everything of messages sent before before_day.
-- What their outcomes counted stays in the counts of marts, by way of marts.retained_*.
create table if not exists raw.expiries (
    before_day date not null,
    expired_at timestamp not null,
    messages bigint not null,
    event_rows bigint not null,
    stream_rows bigint not null,
    quarantined bigint not null
);
