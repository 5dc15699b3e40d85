-- One row per message and recipient, also where only feedback was seen and never the Send: what became of it and when.
-- Every *_at is the first time of its kind; every part is a minimum over the message's events, so that neither the
-- order nor the number of arrivals changes a row. touched_events holds all events of the messages to be computed,
-- touched_domains what is known of their domains.
-- The dimensions are the message's: an event that lacks one takes it from the others. identity is the resource of
-- mail.sourceArn, else the domain of From. sent_at is SES's time of acceptance, which every event of a message tells.
-- corrected_bounce_type is SES's type, unless the reason can only be permanent or only be transient.
-- isp is of the best evidence there is (isp_rank of staging.attributed_events): the provider of a mailbox domain, what
-- delivery, bounce or delay say, then what is known of the domain. isp_clue is the token, host or domain that told.
-- is_send_unseen: something came of the mail and its Send never arrived. SES sends nothing where it suppresses a
-- recipient or cannot render a message, so that these miss no Send.
-- human_opened_at, human_clicked_at: of opens and clicks that marts.engagements scores as a person's.
-- machine_open_reason, machine_click_reason: why the first is a machine's, where no person opened or clicked.
-- tags are those of one of the events, in SES's form: tags ->> '$.campaign[0]'; template is told by
-- Rendering Failures alone. outgoing_ip is SES's word, else what the sending host's name says (reporting_ip of
-- staging.events). first_day and last_day are the days of the message in raw.events: others than "day" only where an
-- event does not say when it was sent. delivery_seconds are from acceptance by SES to acceptance by the provider.
with messages as (
    select
        message_id,
        coalesce(min(sent_at), min(occurred_at)) as sent_at,
        min(account_id) as account_id,
        min(region) as region,
        coalesce(min(identity), min(from_domain)) as identity,
        min(from_domain) as from_domain,
        min(configuration_set) as configuration_set,
        min(tenant) as tenant,
        min(subject) as subject,
        min(template_name) as template,
        min(tags) as tags,
        min(unsubscribe_header) as unsubscribe_header,
        min("day") as first_day,
        max("day") as last_day,
        case when min(recipient) = max(recipient) then min(recipient) end as sole_recipient
    from touched_events
    group by message_id
),

recipients as (
    select
        e.message_id,
        coalesce(e.recipient, m.sole_recipient) as recipient,
        min(e.recipient_domain) as recipient_domain,
        min(e.occurred_at) filter (where e.happened = 'send') as send_seen_at,
        min(e.occurred_at) filter (
            where e.happened not in ('send', 'suppressed', 'rendering_failure')
        ) as feedback_seen_at,
        min(e.occurred_at) filter (where e.happened = 'delivery') as delivered_at,
        min(e.occurred_at) filter (where e.happened = 'permanent_bounce') as permanent_bounced_at,
        min(e.occurred_at) filter (where e.happened = 'transient_bounce') as transient_bounced_at,
        min(e.occurred_at) filter (where e.happened = 'undetermined_bounce') as undetermined_bounced_at,
        min(e.occurred_at) filter (where e.happened = 'suppressed') as suppressed_at,
        min(e.occurred_at) filter (where e.happened = 'auto_reply') as auto_replied_at,
        min(e.occurred_at) filter (where e.happened = 'reject') as rejected_at,
        min(e.occurred_at) filter (where e.happened = 'rendering_failure') as rendering_failed_at,
        min(e.occurred_at) filter (where e.happened = 'delivery_delay') as delayed_at,
        min(e.occurred_at) filter (where e.happened = 'complaint') as complained_at,
        min(e.occurred_at) filter (where e.happened = 'not_spam') as not_spam_at,
        min(e.occurred_at) filter (where e.happened = 'open') as opened_at,
        min(e.occurred_at) filter (where e.happened = 'open' and not g.is_machine) as human_opened_at,
        min(e.occurred_at) filter (where e.happened = 'click') as clicked_at,
        min(e.occurred_at) filter (where e.happened = 'click' and not g.is_machine) as human_clicked_at,
        min(e.occurred_at) filter (where e.happened = 'unsubscribe') as unsubscribed_at,
        min(e.smtp_response) filter (where e.happened = 'delivery') as smtp_response,
        coalesce(
            min(e.outgoing_ip),
            min(e.reporting_ip) filter (where e.happened <> 'delivery_delay'),
            min(e.reporting_ip)
        ) as outgoing_ip,
        min(e.processing_time_millis) filter (where e.happened = 'delivery')::float / 1000 as delivery_seconds,
        min(e.tls_version) filter (where e.happened = 'delivery') as tls_version,
        min(e.policy_code) as policy_code,
        min(struct_pack(
            isp_rank := e.isp_rank,
            occurred_at := e.occurred_at,
            event_id := e.event_id,
            isp := e.isp,
            clue := e.isp_clue
        )) filter (where e.isp_evidence = 'response') as told_isp,
        min(struct_pack(
            gateway_rank := e.gateway_rank, occurred_at := e.occurred_at, event_id := e.event_id, gateway := e.gateway
        )) filter (where e.gateway_rank < 5) as told_gateway,
        min(struct_pack(
            occurred_at := e.occurred_at,
            event_id := e.event_id,
            bounce_type := e.bounce_type,
            bounce_sub_type := e.bounce_sub_type,
            bounce_reason := e.bounce_reason,
            is_expired := e.is_expired,
            status := e.status,
            diagnostic_code := e.diagnostic_code
        )) filter (where e.event_type = 'Bounce' and e.happened <> 'auto_reply') as bounce,
        min(struct_pack(
            occurred_at := e.occurred_at, event_id := e.event_id, reason := e.bounce_reason
        )) filter (where e.happened = 'delivery_delay') as delay,
        min(struct_pack(
            occurred_at := e.occurred_at, event_id := e.event_id, reason := g.reason
        )) filter (where e.happened = 'open' and g.is_machine) as machine_open,
        min(struct_pack(
            occurred_at := e.occurred_at, event_id := e.event_id, reason := g.reason
        )) filter (where e.happened = 'click' and g.is_machine) as machine_click
    from touched_events as e
    inner join messages as m on e.message_id = m.message_id
    left join touched_engagements as g on e.event_id = g.event_id
    group by all
),

attributed as (
    select
        r.*,
        coalesce(r.told_isp.isp, p.isp, 'Other') as isp,
        coalesce(r.told_isp.isp_rank, p.isp_rank, 7) as isp_rank,
        case when r.told_isp is null then coalesce(p.isp_evidence, 'none') else 'response' end as isp_evidence,
        case when r.told_isp is null then p.isp_clue else r.told_isp.clue end as isp_clue,
        coalesce(r.told_gateway.gateway, p.gateway) as gateway,
        coalesce(r.told_gateway.gateway_rank, p.gateway_rank) as gateway_rank
    from recipients as r
    left join touched_domains as p on r.recipient_domain = p.recipient_domain
)

select
    m.sent_at::date as "day",
    r.message_id,
    r.recipient,
    r.recipient_domain,
    r.isp,
    k.kind as isp_kind,
    r.isp_evidence,
    r.isp_clue,
    case when r.gateway_rank <= r.isp_rank then r.gateway end as gateway,
    r.isp in (select f.isp from marts.feedback_isps as f) as is_feedback_capable,
    coalesce(r.recipient_domain = 'simulator.amazonses.com', false) as is_simulator,
    m.account_id,
    m.region,
    m.identity,
    m.from_domain,
    m.configuration_set,
    m.tenant,
    m.subject,
    m.sent_at,
    r.send_seen_at,
    r.send_seen_at is null and r.suppressed_at is null and r.feedback_seen_at is not null as is_send_unseen,
    r.delivered_at,
    r.bounce.occurred_at as bounced_at,
    r.permanent_bounced_at,
    r.transient_bounced_at,
    r.undetermined_bounced_at,
    r.suppressed_at,
    r.auto_replied_at,
    r.rejected_at,
    r.rendering_failed_at,
    r.delayed_at,
    r.complained_at,
    r.not_spam_at,
    r.opened_at,
    r.human_opened_at,
    r.clicked_at,
    r.human_clicked_at,
    case when r.human_opened_at is null then r.machine_open.reason end as machine_open_reason,
    case when r.human_clicked_at is null then r.machine_click.reason end as machine_click_reason,
    r.unsubscribed_at,
    r.bounce.bounce_type as bounce_type,
    r.bounce.bounce_sub_type as bounce_sub_type,
    coalesce(b.told_type, r.bounce.bounce_type) as corrected_bounce_type,
    r.bounce.bounce_reason as bounce_reason,
    coalesce(r.bounce.is_expired, false) as is_expired,
    r.delay.reason as delay_reason,
    r.bounce.status as status,
    r.bounce.diagnostic_code as diagnostic_code,
    r.smtp_response,
    r.outgoing_ip,
    m.template,
    m.tags,
    m.unsubscribe_header,
    r.tls_version,
    m.sole_recipient is not null as is_single_recipient,
    r.delivery_seconds,
    p.policy_rule,
    m.first_day,
    m.last_day
from attributed as r
inner join messages as m on r.message_id = m.message_id
left join staging.isps as k on r.isp = k.isp
left join staging.bounce_reasons as b on r.bounce.bounce_reason = b.reason
left join staging.policy_rules as p on r.isp = p.isp and r.policy_code = p.code
