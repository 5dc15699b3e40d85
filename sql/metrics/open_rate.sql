-- Opened at least once, of the recipients delivered to; machines included (see human_opens in marts.daily).
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    opens as numerator,
    deliveries as denominator
from marts.daily
