-- One row per configuration set that ever told a click: its deliveries are taken as tracked.
create or replace view marts.click_tracked_sets as
select configuration_set
from marts.daily
where clicks > 0
group by configuration_set;
