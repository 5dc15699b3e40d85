-- Recipients with a Send (AWS VDM: SEND). A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    sends as numerator,
    null::bigint as denominator
from marts.daily
