-- One row per recipient: when they were last sent to and last read, in which of five cohorts that puts them, whether to
-- stop writing to them (should_sunset), and whether they must not be written to (suppress_reason, since when).
-- Days are counted back from as_of, the newest sending there is. Engaged is an open or click that marts.engagements
-- takes for a person's; of each message the first counts.
--   new: first sent to in the last 14 days, not engaged yet.  active: engaged in the last 30 days.
--   lapsing: 31 to 90 days ago.  lapsed: longer ago.  never: no engagement, and sent to for more than 14 days.
--   null: opens and clicks of their mail are not tracked, so that nobody can tell.
-- The days are ours; peers draw them between 14 and 365. should_sunset: lapsed or never, at least five tracked
-- deliveries in 30 days or more, still written to, and no open by Apple's privacy in 90 days, behind which people read.
-- suppress_reason: a complaint that was not taken back; a bounce whose reason says so (staging.bounce_reasons), or a
-- permanent one that tells none, and no delivery after it; an unsubscription; or that SES itself keeps mail back.
create or replace view marts.recipients as
with newest as (
    select max(sent_at) as as_of
    from marts.outcomes
    where not is_simulator
),

persons as (
    select
        o.recipient,
        min(o.recipient_domain) as recipient_domain,
        min(o.isp) as isp,
        min(o.sent_at) as first_sent_at,
        max(o.sent_at) as last_sent_at,
        count(o.send_seen_at) as sends,
        count(o.delivered_at) as deliveries,
        count(o.delivered_at) filter (where t.configuration_set is not null) as tracked_deliveries,
        max(o.delivered_at) as last_delivered_at,
        greatest(max(o.human_opened_at), max(o.human_clicked_at)) as last_engaged_at,
        max(o.opened_at) filter (where o.machine_open_reason = 'apple_privacy') as last_private_open_at,
        max(o.complained_at) as complained_at,
        max(o.not_spam_at) as not_spam_at,
        max(o.unsubscribed_at) as unsubscribed_at,
        max(o.suppressed_at) as suppressed_at,
        max(struct_pack(
            bounced_at := o.bounced_at,
            reason := case when b.action = 'suppress' then o.bounce_reason else 'permanent_bounce' end
        )) filter (
            where o.suppressed_at is null
            and (
                b.action = 'suppress' or (o.permanent_bounced_at is not null and o.bounce_reason = 'undetermined')
            )
        ) as bounce
    from marts.outcomes as o
    left join marts.open_tracked_sets as t on o.configuration_set = t.configuration_set
    left join staging.bounce_reasons as b on o.bounce_reason = b.reason
    where o.recipient is not null and not o.is_simulator
    group by o.recipient
),

judged as (
    select
        p.*,
        n.as_of,
        case
            when p.tracked_deliveries = 0 then null
            when p.last_engaged_at > n.as_of - interval 30 day then 'active'
            when p.last_engaged_at > n.as_of - interval 90 day then 'lapsing'
            when p.last_engaged_at is not null then 'lapsed'
            when p.first_sent_at > n.as_of - interval 14 day then 'new'
            else 'never'
        end as cohort,
        case
            when p.complained_at is not null and coalesce(p.not_spam_at < p.complained_at, true) then 'complaint'
            when p.bounce is not null and coalesce(p.last_delivered_at < p.bounce.bounced_at, true)
                then p.bounce.reason
            when p.unsubscribed_at is not null then 'unsubscribe'
            when p.suppressed_at is not null and coalesce(p.last_delivered_at < p.suppressed_at, true)
                then 'suppressed'
        end as suppress_reason
    from persons as p
    cross join newest as n
)

select
    recipient,
    recipient_domain,
    isp,
    cohort,
    coalesce(
        cohort in ('lapsed', 'never') and suppress_reason is null and tracked_deliveries >= 5
        and first_sent_at <= as_of - interval 30 day
        and last_sent_at > as_of - interval 30 day
        and coalesce(last_private_open_at <= as_of - interval 90 day, true),
        false
    ) as should_sunset,
    suppress_reason,
    case suppress_reason
        when 'complaint' then complained_at
        when 'unsubscribe' then unsubscribed_at
        when 'suppressed' then suppressed_at
        else case when suppress_reason is not null then bounce.bounced_at end
    end as suppress_since,
    coalesce(last_sent_at > suppress_since, false) as is_still_sent_to,
    first_sent_at,
    last_sent_at,
    last_delivered_at,
    last_engaged_at,
    last_private_open_at,
    sends,
    deliveries,
    tracked_deliveries,
    as_of
from judged;
