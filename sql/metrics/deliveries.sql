-- Recipients delivered to (AWS VDM: DELIVERY). A count: it has no denominator.
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
