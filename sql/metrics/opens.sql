-- Recipients who opened at least once; machines included (AWS VDM: OPEN). A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    opens as numerator,
    null::bigint as denominator
from marts.daily
