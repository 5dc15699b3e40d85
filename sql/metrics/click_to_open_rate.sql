-- Clicked by a person, of those who opened or clicked: who clicks has read, also where images are off.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    human_clicks as numerator,
    human_engagements as denominator
from marts.daily
