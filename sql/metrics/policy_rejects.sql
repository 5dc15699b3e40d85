-- Recipients refused or delayed by a provider's rule for senders (staging.policy_rules). A count: no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    policy_rejects as numerator,
    null::bigint as denominator
from marts.daily
