-- One row as in marts.hourly: what outcomes counted that have expired. A build adds what the others count.
create table if not exists marts.retained_hourly as select * from marts.hourly
where false;
