-- With feedback and no Send, of all recipients that either tells of: what every rate over sends does not see.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    sends_unseen as numerator,
    sends + sends_unseen as denominator
from marts.daily
