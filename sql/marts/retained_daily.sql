-- One row as in marts.daily: what outcomes counted that have expired. A build adds what the others count.
create table if not exists marts.retained_daily as select * from marts.daily
where false;
