-- One row per identity with mail in the seven days up to last_day: what it sent, and to whom it should not have.
-- after_opt_out and after_complaint are recipients who had opted out of the identity's mail of the configuration set,
-- or complained of it, more than 48 hours before it was sent. after_bounce had bounced for good, as no such mailbox,
-- more than 48 hours before, whichever identity wrote. SES's own suppression is not counted: nothing was sent there.
with recent as (
    select
        identity,
        configuration_set,
        recipient,
        sent_at,
        suppressed_at,
        send_seen_at,
        rendering_failed_at,
        rejected_at,
        delivered_at,
        tls_version,
        isp in (select p.isp from staging.policy_rules as p) as has_rules
    from marts.outcomes
    where
        "day" between getvariable('last_day')::date - 6 and getvariable('last_day')::date
        and identity is not null and not is_simulator
),

gone as (
    select
        recipient,
        identity,
        configuration_set,
        min(unsubscribed_at) as unsubscribed_at,
        min(complained_at) filter (where not_spam_at is null) as complained_at,
        min(permanent_bounced_at) filter (where bounce_reason = 'invalid_recipient') as bounced_at
    from marts.outcomes
    where
        recipient is not null and not is_simulator
        and (
            unsubscribed_at is not null or complained_at is not null
            or (permanent_bounced_at is not null and bounce_reason = 'invalid_recipient')
        )
    group by recipient, identity, configuration_set
),

bounced as (
    select
        recipient,
        min(bounced_at) as bounced_at
    from gone
    where bounced_at is not null
    group by recipient
)

select
    r.identity,
    count(r.send_seen_at) as sends,
    count(r.suppressed_at) as suppressed,
    count(r.rendering_failed_at) as rendering_failures,
    count(r.rejected_at) as rejects,
    count(r.delivered_at) filter (where r.has_rules) as rule_deliveries,
    count(r.delivered_at) filter (where r.has_rules and r.tls_version is not null) as rule_tls_deliveries,
    count(*) filter (
        where r.suppressed_at is null and r.sent_at > g.unsubscribed_at + interval 48 hour
    ) as after_opt_out,
    count(*) filter (
        where r.suppressed_at is null and r.sent_at > g.complained_at + interval 48 hour
        and not coalesce(r.sent_at > g.unsubscribed_at + interval 48 hour, false)
    ) as after_complaint,
    count(*) filter (where r.suppressed_at is null and r.sent_at > b.bounced_at + interval 48 hour) as after_bounce
from recent as r
left join gone as g
    on
        r.recipient = g.recipient and r.identity = g.identity
        and r.configuration_set is not distinct from g.configuration_set
left join bounced as b on r.recipient = b.recipient
group by r.identity
order by r.identity asc
