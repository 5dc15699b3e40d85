-- Recipients who clicked at least once; machines included (AWS VDM: CLICK). A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    clicks as numerator,
    null::bigint as denominator
from marts.daily
