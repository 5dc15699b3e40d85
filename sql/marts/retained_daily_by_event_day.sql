-- One row as in marts.daily_by_event_day: what outcomes counted that have expired. A build adds what the others count.
create table if not exists marts.retained_daily_by_event_day as select * from marts.daily_by_event_day
where false;
