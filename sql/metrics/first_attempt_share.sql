-- Delivered without a delay before, of all deliveries.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    first_attempt_deliveries as numerator,
    deliveries as denominator
from marts.daily
