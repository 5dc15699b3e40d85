-- One row per domain, day and metric of Google's Postmaster Tools (API v2), as imported: Google's numbers, of personal
-- Gmail accounts alone. metric is as the caller of the API named it, in snake case; spam_rate is the share of the mail
-- in inboxes that its readers marked as spam. Days of little mail are missing: Google tells none of them.
create table if not exists raw.google_stats (
    domain varchar not null,
    day date not null,
    metric varchar not null,
    value double not null,
    imported_at timestamp not null,
    object_uri varchar not null
);
