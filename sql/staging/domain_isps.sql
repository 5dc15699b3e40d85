-- One row per recipient domain of which something is known: its mailbox provider (isp) and security gateway.
-- What most responses to mail to the domain say comes before what its MX says; isp_rank as in attributed_events.
-- Of several mail exchangers the first counts that is known. isp is null where only a gateway is known.
with told as (
    select
        d.recipient_domain,
        r.isp,
        r.gateway,
        min(d.token) as token,
        sum(d.responses) as responses
    from raw.domain_responses as d
    inner join staging.isp_responses as r on d.token = r.token
    group by d.recipient_domain, r.isp, r.gateway
),

told_isps as (
    select *
    from told
    where isp is not null
    qualify row_number() over (partition by recipient_domain order by responses desc, isp asc) = 1
),

told_gateways as (
    select *
    from told
    where gateway is not null
    qualify row_number() over (partition by recipient_domain order by responses desc, gateway asc) = 1
),

hosts as (
    select
        recipient_domain,
        unnest(mx_hosts) as host,
        unnest(range(len(mx_hosts))) as place
    from raw.domain_mx
),

suffixes as (
    select
        *,
        unnest([
            regexp_extract(host, '[^.]+[.][^.]+$'),
            regexp_extract(host, '[^.]+[.][^.]+[.][^.]+$'),
            regexp_extract(host, '[^.]+[.][^.]+[.][^.]+[.][^.]+$')
        ]) as suffix
    from hosts
),

mx as (
    select
        s.recipient_domain,
        s.host,
        m.isp,
        m.gateway
    from suffixes as s
    inner join staging.isp_mx as m on s.suffix = m.suffix
    qualify row_number() over (partition by s.recipient_domain order by s.place asc, len(m.suffix) desc) = 1
),

known as (
    select recipient_domain from told
    union
    select recipient_domain from mx
)

select
    domain as recipient_domain,
    isp,
    1 as isp_rank,
    'domain' as isp_evidence,
    domain as isp_clue,
    null::varchar as gateway,
    null::integer as gateway_rank
from staging.isp_domains
union all
select
    k.recipient_domain,
    coalesce(i.isp, m.isp) as isp,
    case when i.isp is not null then 5 when m.isp is not null then 6 else 7 end as isp_rank,
    case when i.isp is not null then 'other_mail' when m.isp is not null then 'mx' else 'none' end as isp_evidence,
    case when i.isp is not null then i.token when m.isp is not null then m.host end as isp_clue,
    coalesce(g.gateway, m.gateway) as gateway,
    case when g.gateway is not null then 5 when m.gateway is not null then 6 end as gateway_rank
from known as k
left join told_isps as i on k.recipient_domain = i.recipient_domain
left join told_gateways as g on k.recipient_domain = g.recipient_domain
left join mx as m on k.recipient_domain = m.recipient_domain
where k.recipient_domain not in (select d.domain from staging.isp_domains as d)
