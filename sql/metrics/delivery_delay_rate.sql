-- Delayed at least once, of the recipients SES tried to deliver to.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    delivery_delays as numerator,
    attempts as denominator
from marts.daily
