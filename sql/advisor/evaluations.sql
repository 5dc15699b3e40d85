-- One row per day that alerting has judged, quiet days too: a day before the newest one changes nothing any more.
create table if not exists advisor.evaluations (
    "day" date not null,
    evaluated_at timestamp not null
);
