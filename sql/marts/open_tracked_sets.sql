-- One row per configuration set that ever told an open: its deliveries are taken as tracked.
create or replace view marts.open_tracked_sets as
select configuration_set
from marts.daily
where opens > 0
group by configuration_set;
