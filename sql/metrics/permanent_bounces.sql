-- Recipients that bounced for good (AWS VDM: PERMANENT_BOUNCE). A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    permanent_bounces as numerator,
    null::bigint as denominator
from marts.daily
