-- Given up when the time for retries was over (4.4.7, or the delivery option MaxDeliverySeconds), of the attempts.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    expired as numerator,
    attempts as denominator
from marts.daily
