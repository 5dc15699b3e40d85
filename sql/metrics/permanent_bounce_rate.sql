-- Permanently bounced, of the recipients SES tried to deliver to (AWS VDM: permanent bounces / sent).
-- AWS reviews an account at 5 % and may pause it at 10 % (AWS, reputation metrics).
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    permanent_bounces as numerator,
    attempts as denominator
from marts.daily
