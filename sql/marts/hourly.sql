-- One row per hour of sending (UTC) and combination of dimensions.
-- Counts are of recipients, at most one each per message and recipient; the mailbox simulator is in none.
-- attempts are sends that SES tried to deliver: a suppressed recipient is in no rate.
-- sends_unseen are recipients with feedback and no Send: in no sends or attempts, though their feedback counts.
-- feedback_deliveries are deliveries to providers whose complaints can reach SES.
-- changed_outcomes holds outcomes to add (weight 1) and to take away (weight -1).
select
    date_trunc('hour', sent_at) as "hour",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    sum(case when send_seen_at is not null then weight else 0 end)::bigint as sends,
    sum(case when send_seen_at is not null and suppressed_at is null then weight else 0 end)::bigint as attempts,
    sum(case when is_send_unseen then weight else 0 end)::bigint as sends_unseen,
    sum(case when delivered_at is not null then weight else 0 end)::bigint as deliveries,
    sum(case when permanent_bounced_at is not null then weight else 0 end)::bigint as permanent_bounces,
    sum(case when transient_bounced_at is not null then weight else 0 end)::bigint as transient_bounces,
    sum(case when undetermined_bounced_at is not null then weight else 0 end)::bigint as undetermined_bounces,
    sum(case when suppressed_at is not null then weight else 0 end)::bigint as suppressed,
    sum(case when auto_replied_at is not null then weight else 0 end)::bigint as auto_replies,
    sum(case when rejected_at is not null then weight else 0 end)::bigint as rejects,
    sum(case when rendering_failed_at is not null then weight else 0 end)::bigint as rendering_failures,
    sum(case when delayed_at is not null then weight else 0 end)::bigint as delivery_delays,
    sum(case when complained_at is not null then weight else 0 end)::bigint as complaints,
    sum(case when not_spam_at is not null then weight else 0 end)::bigint as not_spam,
    sum(
        case when delivered_at is not null and is_feedback_capable then weight else 0 end
    )::bigint as feedback_deliveries,
    sum(case when opened_at is not null then weight else 0 end)::bigint as opens,
    sum(case when human_opened_at is not null then weight else 0 end)::bigint as human_opens,
    sum(case when clicked_at is not null then weight else 0 end)::bigint as clicks,
    sum(case when human_clicked_at is not null then weight else 0 end)::bigint as human_clicks,
    sum(case when unsubscribed_at is not null then weight else 0 end)::bigint as unsubscribes
from changed_outcomes
where not is_simulator
group by all
having
    sends <> 0
    or attempts <> 0
    or sends_unseen <> 0
    or deliveries <> 0
    or permanent_bounces <> 0
    or transient_bounces <> 0
    or undetermined_bounces <> 0
    or suppressed <> 0
    or auto_replies <> 0
    or rejects <> 0
    or rendering_failures <> 0
    or delivery_delays <> 0
    or complaints <> 0
    or not_spam <> 0
    or feedback_deliveries <> 0
    or opens <> 0
    or human_opens <> 0
    or clicks <> 0
    or human_clicks <> 0
    or unsubscribes <> 0
