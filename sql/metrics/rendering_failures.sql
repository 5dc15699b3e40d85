-- Recipients of messages whose template could not be rendered. A count: it has no denominator.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    rendering_failures as numerator,
    null::bigint as denominator
from marts.daily
