-- Not sent because the template could not be rendered, of what was sent and what was not.
-- SES sends no Send of a message that it cannot render, and tells the template of failures alone.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    rendering_failures as numerator,
    sends + rendering_failures as denominator
from marts.daily
