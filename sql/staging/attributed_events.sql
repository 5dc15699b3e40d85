-- One row per event and recipient, as in raw.events, with the mailbox provider (isp) and security gateway it went to,
-- as this event and all that is known of its domain tell; marts.outcomes takes the best of a message's events.
-- The order of evidence (isp_rank): 1 a mailbox domain, 2 the SMTP response of a delivery, 3 the diagnostic of a
-- bounce or 4 of a delay, 5 the responses to other mail to the domain, 6 its MX, 7 nothing.
-- response_clue is the token of isp_responses in what the receiver said. A host that is part of an address counts for
-- nothing, nor does what another server said, which a relay repeats: there mail was forwarded.
-- A gateway shows where nothing better says that mail goes to the provider without one (gateway_rank <= isp_rank).
with told as (
    select
        e.*,
        p.isp as domain_isp,
        p.isp_rank as domain_isp_rank,
        p.isp_evidence as domain_isp_evidence,
        p.isp_clue as domain_isp_clue,
        p.gateway as domain_gateway,
        p.gateway_rank as domain_gateway_rank,
        case e.event_type when 'Delivery' then 2 when 'Bounce' then 3 else 4 end as response_rank,
        case
            when
                e.recipient_domain is not null and coalesce(p.isp_rank > 1, true)
                and e.event_type in ('Delivery', 'Bounce', 'DeliveryDelay')
                and not coalesce(e.diagnostic_code like '% said: %', false)
                then nullif(regexp_extract(
                    lower(concat_ws(' ', e.smtp_response, e.diagnostic_code, e.reporting_mta)),
                    '(?:^|[\s\[\]()<>/:;,\"]|hostname=|smtpthread-[0-9-]+@)(?:[a-z0-9_-]+[.])*('
                    || 'ess[.]barracudanetworks[.]com|protection[.]outlook[.]com|barracudanetworks[.]com'
                    || '|messagingengine[.]com|antispameurope[.]com|hornetsecurity[.]com|antispamcloud[.]com'
                    || '|mx[.]cloudflare[.]net|fireeyecloud[.]com|hydra[.]sophos[.]com|mailchannels[.]com'
                    || '|mailchannels[.]net|privateemail[.]com|prod[.]outlook[.]com|secureserver[.]net'
                    || '|kundenserver[.]de|mailcontrol[.]com|messagelabs[.]com|messagelabs[.]net|spamexperts[.]com'
                    || '|worksmobile[.]com|googlemail[.]com|mimecast[.]co[.]za|ppe-hosted[.]com|proofpoint[.]com'
                    || '|serverdata[.]net|trendmicro[.]com|vadesecure[.]com|emailsrvr[.]com|hostinger[.]com'
                    || '|infomaniak[.]ch|mxhichina[.]com|protonmail[.]ch|reflexion[.]net|spamtitan[.]com'
                    || '|trendmicro[.]eu|fastmail[.]com|mail[.]163[.]com|mail[.]ovh[.]net|mimecast[.]com'
                    || '|mimecast[.]lan|pphosted[.]com|qiye[.]163[.]com|spamhero[.]com|awsapps[.]com|mxrecord[.]io'
                    || '|perfora[.]net|retarus[.]com|titan[.]email|aliyun[.]com|arsmtp[.]com|icloud[.]com'
                    || '|migadu[.]com|yandex[.]net|gandi[.]net|ionos[.]com|iphmx[.]com|proton[.]me|yandex[.]ru'
                    || '|rzone[.]de|zoho[.]com|home[.]pl|mail[.]ru|zoho[.]eu|zoho[.]in|qq[.]com|gsmtp'
                    || ')(?:$|[\s\[\]()<>/:;,\"]|[.](?:\s|$))',
                    1
                ), '')
        end as response_clue
    from raw.events as e
    left join staging.domain_isps as p on e.recipient_domain = p.recipient_domain
),

ranked as (
    select
        t.*,
        coalesce(r.isp, t.domain_isp, 'Other') as isp,
        case when r.isp is not null then t.response_rank else coalesce(t.domain_isp_rank, 7) end as isp_rank,
        case when r.isp is not null then 'response' else coalesce(t.domain_isp_evidence, 'none') end as isp_evidence,
        case when r.isp is not null then r.token else t.domain_isp_clue end as isp_clue,
        coalesce(r.gateway, t.domain_gateway) as any_gateway,
        case when r.gateway is not null then t.response_rank else t.domain_gateway_rank end as gateway_rank
    from told as t
    left join staging.isp_responses as r on t.response_clue = r.token
)

select
    * exclude (
        domain_isp, domain_isp_rank, domain_isp_evidence, domain_isp_clue, domain_gateway, domain_gateway_rank,
        response_rank, any_gateway
    ),
    case when gateway_rank <= isp_rank then any_gateway end as gateway
from ranked
