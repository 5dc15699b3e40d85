-- One row per UTC day on which things happened and combination of dimensions: the twin of marts.daily,
-- where a complaint counts on the day it came and not on the day its mail was sent.
-- Counts are of recipients, at most one each per message and recipient: marts.counted_outcomes says what each is.
-- changed_outcomes holds outcomes to add (weight 1) and to take away (weight -1).
with spread as (
    select
        *,
        unnest(list_distinct([
            sends::date,
            attempts::date,
            sends_unseen::date,
            deliveries::date,
            first_attempt_deliveries::date,
            tls_deliveries::date,
            tls_1_2_deliveries::date,
            tls_1_3_deliveries::date,
            permanent_bounces::date,
            transient_bounces::date,
            undetermined_bounces::date,
            expired::date,
            policy_rejects::date,
            suppressed::date,
            auto_replies::date,
            rejects::date,
            rendering_failures::date,
            delivery_delays::date,
            complaints::date,
            not_spam::date,
            feedback_deliveries::date,
            opens::date,
            human_opens::date,
            clicks::date,
            human_clicks::date,
            human_engagements::date,
            unsubscribes::date
        ])) as event_day
    from counted_outcomes
)

select
    event_day as "day",
    account_id,
    region,
    identity,
    configuration_set,
    tenant,
    isp,
    sum(case when sends::date = event_day then weight else 0 end)::bigint as sends,
    sum(case when attempts::date = event_day then weight else 0 end)::bigint as attempts,
    sum(case when sends_unseen::date = event_day then weight else 0 end)::bigint as sends_unseen,
    sum(case when deliveries::date = event_day then weight else 0 end)::bigint as deliveries,
    sum(
        case when first_attempt_deliveries::date = event_day then weight else 0 end
    )::bigint as first_attempt_deliveries,
    sum(case when tls_deliveries::date = event_day then weight else 0 end)::bigint as tls_deliveries,
    sum(case when tls_1_2_deliveries::date = event_day then weight else 0 end)::bigint as tls_1_2_deliveries,
    sum(case when tls_1_3_deliveries::date = event_day then weight else 0 end)::bigint as tls_1_3_deliveries,
    sum(case when permanent_bounces::date = event_day then weight else 0 end)::bigint as permanent_bounces,
    sum(case when transient_bounces::date = event_day then weight else 0 end)::bigint as transient_bounces,
    sum(case when undetermined_bounces::date = event_day then weight else 0 end)::bigint as undetermined_bounces,
    sum(case when expired::date = event_day then weight else 0 end)::bigint as expired,
    sum(case when policy_rejects::date = event_day then weight else 0 end)::bigint as policy_rejects,
    sum(case when suppressed::date = event_day then weight else 0 end)::bigint as suppressed,
    sum(case when auto_replies::date = event_day then weight else 0 end)::bigint as auto_replies,
    sum(case when rejects::date = event_day then weight else 0 end)::bigint as rejects,
    sum(case when rendering_failures::date = event_day then weight else 0 end)::bigint as rendering_failures,
    sum(case when delivery_delays::date = event_day then weight else 0 end)::bigint as delivery_delays,
    sum(case when complaints::date = event_day then weight else 0 end)::bigint as complaints,
    sum(case when not_spam::date = event_day then weight else 0 end)::bigint as not_spam,
    sum(case when feedback_deliveries::date = event_day then weight else 0 end)::bigint as feedback_deliveries,
    sum(case when opens::date = event_day then weight else 0 end)::bigint as opens,
    sum(case when human_opens::date = event_day then weight else 0 end)::bigint as human_opens,
    sum(case when clicks::date = event_day then weight else 0 end)::bigint as clicks,
    sum(case when human_clicks::date = event_day then weight else 0 end)::bigint as human_clicks,
    sum(case when human_engagements::date = event_day then weight else 0 end)::bigint as human_engagements,
    sum(case when unsubscribes::date = event_day then weight else 0 end)::bigint as unsubscribes
from spread
where event_day is not null
group by all
