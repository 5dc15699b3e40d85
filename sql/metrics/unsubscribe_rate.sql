-- Left all topics through the contact list of SES, of the recipients delivered to.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    unsubscribes as numerator,
    deliveries as denominator
from marts.daily
