-- Given up after temporary errors, of the recipients SES tried to deliver to (AWS VDM: transient bounces / sent).
-- Out-of-office answers are not among them.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    transient_bounces as numerator,
    attempts as denominator
from marts.daily
