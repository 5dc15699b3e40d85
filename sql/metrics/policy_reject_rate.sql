-- Bounced or delayed with a text that names a rule of the provider for senders (staging.policy_rules), of the attempts.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    policy_rejects as numerator,
    attempts as denominator
from marts.daily
