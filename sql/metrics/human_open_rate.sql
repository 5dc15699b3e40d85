-- Opened at least once by a person, of the recipients delivered to; machines are left out.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    human_opens as numerator,
    deliveries as denominator
from marts.daily
