-- Kept back by the account's or tenant's suppression list or by address validation, of the recipients sent to.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    suppressed as numerator,
    sends as denominator
from marts.daily
