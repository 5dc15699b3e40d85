-- One row per UTC day on which things happened and combination of dimensions: the twin of marts.daily,
-- where a complaint counts on the day it came and not on the day its mail was sent.
-- Counts are of recipients, at most one each per message and recipient; the mailbox simulator is in none.
-- attempts are sends that SES tried to deliver: a suppressed recipient is in no rate.
-- sends_unseen are recipients with feedback and no Send: in no sends or attempts, though their feedback counts;
-- each is of the day of sending, where its Send would be.
-- feedback_deliveries are deliveries to providers whose complaints can reach SES.
-- changed_outcomes holds outcomes to add (weight 1) and to take away (weight -1).
with spread as (
    select
        *,
        unnest(list_distinct([
            send_seen_at::date,
            case when is_send_unseen then sent_at::date end,
            delivered_at::date,
            permanent_bounced_at::date,
            transient_bounced_at::date,
            undetermined_bounced_at::date,
            suppressed_at::date,
            auto_replied_at::date,
            rejected_at::date,
            rendering_failed_at::date,
            delayed_at::date,
            complained_at::date,
            not_spam_at::date,
            opened_at::date,
            human_opened_at::date,
            clicked_at::date,
            human_clicked_at::date,
            unsubscribed_at::date
        ])) as event_day
    from changed_outcomes
    where not is_simulator
)

select
    event_day as "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    sum(case when send_seen_at::date = event_day then weight else 0 end)::bigint as sends,
    sum(
        case when send_seen_at::date = event_day and suppressed_at is null then weight else 0 end
    )::bigint as attempts,
    sum(case when is_send_unseen and sent_at::date = event_day then weight else 0 end)::bigint as sends_unseen,
    sum(case when delivered_at::date = event_day then weight else 0 end)::bigint as deliveries,
    sum(case when permanent_bounced_at::date = event_day then weight else 0 end)::bigint as permanent_bounces,
    sum(case when transient_bounced_at::date = event_day then weight else 0 end)::bigint as transient_bounces,
    sum(case when undetermined_bounced_at::date = event_day then weight else 0 end)::bigint as undetermined_bounces,
    sum(case when suppressed_at::date = event_day then weight else 0 end)::bigint as suppressed,
    sum(case when auto_replied_at::date = event_day then weight else 0 end)::bigint as auto_replies,
    sum(case when rejected_at::date = event_day then weight else 0 end)::bigint as rejects,
    sum(case when rendering_failed_at::date = event_day then weight else 0 end)::bigint as rendering_failures,
    sum(case when delayed_at::date = event_day then weight else 0 end)::bigint as delivery_delays,
    sum(case when complained_at::date = event_day then weight else 0 end)::bigint as complaints,
    sum(case when not_spam_at::date = event_day then weight else 0 end)::bigint as not_spam,
    sum(
        case when delivered_at::date = event_day and is_feedback_capable then weight else 0 end
    )::bigint as feedback_deliveries,
    sum(case when opened_at::date = event_day then weight else 0 end)::bigint as opens,
    sum(case when human_opened_at::date = event_day then weight else 0 end)::bigint as human_opens,
    sum(case when clicked_at::date = event_day then weight else 0 end)::bigint as clicks,
    sum(case when human_clicked_at::date = event_day then weight else 0 end)::bigint as human_clicks,
    sum(case when unsubscribed_at::date = event_day then weight else 0 end)::bigint as unsubscribes
from spread
where event_day is not null
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
