-- One row per open or click: how sure it is that a machine did it (score, 0 to 1), and by which signs.
-- evidence names all signs, reason the one that weighs most (staging.machine_evidence has the weights and meanings; its
-- order by weight is the order here). is_machine from a score of 0.6.
-- touched_reads holds all opens, clicks and deliveries of the messages to be computed. Signs are looked for within a
-- message, except for shared_ip, which builds learn; so neither order nor number of arrivals changes a row.
-- Delay since delivery is no sign beyond the first second: most scanners come 20 seconds to 5 minutes later.
with fetches as (
    select
        event_id,
        "day",
        message_id,
        lower(event_type) as happened,
        occurred_at,
        link,
        user_agent,
        ip_address,
        lower(is_bot_event) as told
    from touched_reads
    where event_type in ('Open', 'Click')
),

deliveries as (
    select
        message_id,
        min(occurred_at) as delivered_at
    from touched_reads
    where event_type = 'Delivery' and message_id in (select f.message_id from fetches as f)
    group by message_id
),

named as (
    select
        user_agent,
        regexp_extract(
            lower(left(user_agent, 1000)),
            'googleimageproxy|yahoomailproxy|edge/12[.]246 mozilla/5[.]0|yahoocachesystem|bingpreview|barracuda'
            || '|proofpoint|urldefense|mimecast|ironport|ciscosecureemail|symantec|messagelabs|forcepoint|fortiguard'
            || '|fortimail|sophos|trendmicro|trend micro|fireeye|trellix|zscaler|vadesecure|hornetsecurity|avanan'
            || '|spamtitan|headlesschrome|phantomjs|puppeteer|playwright|selenium|python|aiohttp|curl/|wget|java/'
            || '|apache-httpclient|go-http-client|libwww-perl|lua-resty-http|ahc/|node-fetch|axios/|jetty'
            || '|hubspot connect|amazon cloudfront|w3c-checklink|slackbot|facebookexternal|twitterbot|linkedinbot'
            || '|whatsapp/|telegrambot|discordbot|skypeuripreview|snap url preview|googlebot|bingbot|yandexbot'
        ) as token
    from fetches
    group by user_agent
),

addresses as (
    select
        ip_address,
        regexp_replace(lower(ip_address), '^::ffff:', '') as address,
        split_part(address, '::', 1) as known_groups
    from fetches
    where ip_address is not null
    group by ip_address
),

placed as (
    select
        ip_address,
        case
            when regexp_full_match(address, '[0-9]{1,3}([.][0-9]{1,3}){3}')
                then split_part(address, '.', 1) || '.' || split_part(address, '.', 2)
            when regexp_full_match(address, '[0-9a-f]{1,4}:[0-9a-f:]*')
                then
                    lpad(split_part(known_groups, ':', 1), 4, '0') || ':'
                    || lpad(split_part(known_groups, ':', 2), 4, '0')
        end as prefix,
        case
            when address like '%:%'
                then
                    65536 * ('0x0' || split_part(known_groups, ':', 3))::bigint
                    + ('0x0' || split_part(known_groups, ':', 4))::bigint
            else 256 * split_part(address, '.', 3)::bigint + split_part(address, '.', 4)::bigint
        end as rest
    from addresses
    where regexp_full_match(address, '[0-9]{1,3}([.][0-9]{1,3}){3}|[0-9a-f]{1,4}(:[0-9a-f]{0,4}){2,7}')
),

networks as (
    select
        p.ip_address,
        max(n.evidence) as evidence
    from placed as p
    inner join raw.machine_networks as n on p.prefix = n.prefix and p.rest between n.first_rest and n.last_rest
    group by p.ip_address
),

clicked as (
    select
        message_id,
        count(distinct link) >= 3 and max(occurred_at) - min(occurred_at) <= interval 10 second as is_all_links
    from fetches
    where happened = 'click'
    group by message_id
    having count(*) >= 3
),

clicks_around as (
    select
        f.event_id,
        c.is_all_links,
        count(*) over near >= 5 or count(distinct f.link) over near >= 3 as is_burst
    from fetches as f
    inner join clicked as c on f.message_id = c.message_id
    where f.happened = 'click'
    window
        near as (
            partition by f.message_id
            order by f.occurred_at
            range between interval 1 second preceding and interval 1 second following
        )
),

signs as (
    select
        f.*,
        coalesce(f.told = 'likely', false) as is_bot_event,
        a.evidence as agent_evidence,
        f.happened = 'open' and coalesce(trim(f.user_agent) = 'Mozilla/5.0', false) as is_apple_privacy,
        coalesce(f.occurred_at <= d.delivered_at + interval 1 second, false) as is_early,
        n.evidence as network_evidence,
        coalesce(c.is_burst, false) as is_burst,
        coalesce(c.is_all_links, false) as is_all_links,
        s.ip_address is not null as is_shared,
        coalesce(f.told = 'unlikely', false) as is_judged_human
    from fetches as f
    left join deliveries as d on f.message_id = d.message_id
    left join named as u on f.user_agent = u.user_agent
    left join staging.machine_agents as a on u.token = a.token
    left join networks as n on f.ip_address = n.ip_address
    left join clicks_around as c on f.event_id = c.event_id
    left join raw.shared_ips as s
        on
            f.happened = 'click' and f.ip_address = s.ip_address
            and date_trunc('minute', f.occurred_at) = s.clicked_minute
),

told as (
    select
        * exclude (is_bot_event),
        concat_ws(
            ', ',
            case
                when
                    agent_evidence = 'scanner_agent'
                    or (happened = 'click' and coalesce(trim(user_agent) = 'Mozilla/5.0', false))
                    then 'scanner_agent'
            end,
            case when is_apple_privacy then 'apple_privacy' end,
            case when is_early or agent_evidence = 'prefetch' then 'prefetch' end,
            case when is_bot_event then 'bot_event' end,
            case when network_evidence = 'scanner_network' then 'scanner_network' end,
            case when is_burst then 'click_burst' end,
            case when is_all_links then 'all_links' end,
            case when is_shared then 'shared_ip' end,
            case when happened = 'click' and network_evidence = 'data_centre' then 'data_centre' end,
            case when happened = 'open' and agent_evidence = 'image_proxy' then 'image_proxy' end,
            case when is_judged_human then 'judged_human' end
        ) as evidence
    from signs
),

seen as (
    select evidence
    from told
    group by evidence
),

weighed as (
    select
        g.evidence,
        greatest(0, least(1, sum(w.weight))) as score
    from seen as g
    inner join staging.machine_evidence as w on contains(', ' || g.evidence || ',', ', ' || w.evidence || ',')
    group by g.evidence
)

select
    t."day",
    t.message_id,
    t.event_id,
    t.happened,
    t.occurred_at,
    t.link,
    coalesce(w.score, 0)::double as score,
    coalesce(w.score >= 0.6, false) as is_machine,
    nullif(split_part(t.evidence, ', ', 1), '') as reason,
    nullif(t.evidence, '') as evidence
from told as t
left join weighed as w on t.evidence = w.evidence
