-- Rejected by SES for a virus, of the recipients sent to.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    rejects as numerator,
    sends as denominator
from marts.daily
