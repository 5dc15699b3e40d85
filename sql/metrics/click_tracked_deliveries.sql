-- Deliveries that could tell a click (AWS VDM: DELIVERY_CLICK). A count: it has no denominator.
-- No event tells whether tracking was on: a configuration set that ever told a click is taken as tracking them.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    deliveries as numerator,
    null::bigint as denominator
from marts.daily
where configuration_set in (select t.configuration_set from marts.click_tracked_sets as t)
