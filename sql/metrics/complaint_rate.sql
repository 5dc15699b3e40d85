-- Complained, of the deliveries to providers that can complain to SES (AWS VDM's denominator).
-- Gmail and Apple never do: their rows have a denominator of 0, which is no data and not 0 %.
-- AWS reviews an account at 0.1 % and may pause it at 0.5 %; Google and Yahoo draw the line at 0.3 %.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    complaints as numerator,
    feedback_deliveries as denominator
from marts.daily
