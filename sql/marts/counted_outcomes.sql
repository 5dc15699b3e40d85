-- One row per outcome outside the mailbox simulator, with a column per count: the moment from which the outcome is in
-- that count, null where it is not. This is the one place that says what a count is; the marts add them up by the day
-- of sending (whatever the moment) or by the day of the moment.
-- attempts are sends that SES tried to deliver: a suppressed recipient is in no rate.
-- sends_unseen are recipients with feedback and no Send: in no sends or attempts, though their feedback counts;
-- each is of the time of sending, where its Send would be.
-- first_attempt_deliveries were not delayed before. expired were given up at the end of SES's retries (4.4.7).
-- tls_deliveries tell a TLS version (ses:outgoing-tls-version); SES documents nothing of deliveries that tell none.
-- policy_rejects are bounces, and delays, whose text names a rule of the provider for senders (staging.policy_rules).
-- feedback_deliveries are deliveries to providers whose complaints can reach SES.
-- human_engagements are recipients who opened or clicked: who clicks has read, also where images are off.
-- Every moment is made of columns that raw.counted knows, so that what has expired counts once.
select
    o.*,
    send_seen_at as sends,
    case when suppressed_at is null then send_seen_at end as attempts,
    case when is_send_unseen then sent_at end as sends_unseen,
    delivered_at as deliveries,
    case when delayed_at <= delivered_at then null else delivered_at end as first_attempt_deliveries,
    case when tls_version is not null then delivered_at end as tls_deliveries,
    case when tls_version = 'TLSv1.2' then delivered_at end as tls_1_2_deliveries,
    case when tls_version = 'TLSv1.3' then delivered_at end as tls_1_3_deliveries,
    permanent_bounced_at as permanent_bounces,
    transient_bounced_at as transient_bounces,
    undetermined_bounced_at as undetermined_bounces,
    case
        when is_expired
            then coalesce(transient_bounced_at, permanent_bounced_at, undetermined_bounced_at)
    end as expired,
    case
        when policy_rule is not null
            then coalesce(permanent_bounced_at, transient_bounced_at, undetermined_bounced_at, delayed_at)
    end as policy_rejects,
    suppressed_at as suppressed,
    auto_replied_at as auto_replies,
    rejected_at as rejects,
    rendering_failed_at as rendering_failures,
    delayed_at as delivery_delays,
    complained_at as complaints,
    not_spam_at as not_spam,
    case when is_feedback_capable then delivered_at end as feedback_deliveries,
    opened_at as opens,
    human_opened_at as human_opens,
    clicked_at as clicks,
    human_clicked_at as human_clicks,
    least(human_opened_at, human_clicked_at) as human_engagements,
    unsubscribed_at as unsubscribes
from changed_outcomes as o
where not o.is_simulator
