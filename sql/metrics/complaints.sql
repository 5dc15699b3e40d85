-- Recipients who complained (AWS VDM: COMPLAINT). A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    complaints as numerator,
    null::bigint as denominator
from marts.daily
