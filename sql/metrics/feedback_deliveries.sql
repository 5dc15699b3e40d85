-- Deliveries to providers that can complain to SES (AWS VDM: DELIVERY_COMPLAINT). A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    feedback_deliveries as numerator,
    null::bigint as denominator
from marts.daily
