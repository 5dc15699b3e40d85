-- Complained, of all deliveries, also those to providers that never complain to SES.
-- It stands beside complaint_rate, and is lower: a sender with much Gmail looks better than it is.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    complaints as numerator,
    deliveries as denominator
from marts.daily
