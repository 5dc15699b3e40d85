-- One row: the format of this warehouse and the fingerprint of the views in it.
create table if not exists raw.warehouses (
    format bigint not null,
    fingerprint varchar not null
);
