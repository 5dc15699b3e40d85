-- Over TLS 1.2, of the deliveries that tell their TLS version.
select
    "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    tls_1_2_deliveries as numerator,
    tls_deliveries as denominator
from marts.daily
