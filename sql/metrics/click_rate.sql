-- Clicked at least once, of the recipients delivered to; machines included (see human_clicks in marts.daily).
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    clicks as numerator,
    deliveries as denominator
from marts.daily
