-- One row per object whose quarantined records have expired, and how many: the ledger still counts them.
create table if not exists raw.expired_quarantine (
    object_id bigint not null,
    records bigint not null
);
