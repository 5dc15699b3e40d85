-- Recipients given up after temporary errors (AWS VDM: TRANSIENT_BOUNCE). A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    transient_bounces as numerator,
    null::bigint as denominator
from marts.daily
