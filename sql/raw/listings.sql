-- One row per S3 source that an ingest has loaded to its end: listed_at is when the listing of it began, in UTC.
-- Whatever was there by then is in the ledger, so the next ingest leaves out the folders of days long over by then.
-- A source into whose folders of days long over something came of late has no row, and is listed whole.
create table if not exists raw.listings (
    source varchar not null,
    listed_at timestamp not null
);
