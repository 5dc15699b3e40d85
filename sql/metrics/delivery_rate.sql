-- Delivered, of the recipients SES tried to deliver to (AWS VDM: delivered / sent).
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    deliveries as numerator,
    attempts as denominator
from marts.daily
