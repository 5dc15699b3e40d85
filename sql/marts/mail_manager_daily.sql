-- One row per UTC day, account, region, ingress point, traffic policy, rule set, rule and action of Mail Manager.
-- messages_accepted and recipients_accepted count what an ingress point let in; recipients_let_in and
-- recipients_rejected count the verdicts of traffic policies; actions count what rules did to a message, once for each
-- of its actions, by how it ended; unmatched are messages that met a rule without matching it.
-- An action's ingress point is that of its message, where the ingress log was seen. A view: this stream is small.
create or replace view marts.mail_manager_daily as
with ingress_points as (
    select
        message_id,
        min(ingress_point_id) as ingress_point_id
    from raw.mail_manager_logs
    where log_type = 'ingress'
    group by message_id
)

select
    l."day",
    l.account_id,
    l.region,
    coalesce(l.ingress_point_id, i.ingress_point_id) as ingress_point_id,
    l.traffic_policy_id,
    l.rule_set_id,
    l.rule_name,
    l.action_name,
    count(*) filter (where l.log_type = 'ingress' and l.recipient_index = 1) as messages_accepted,
    count(*) filter (where l.log_type = 'ingress' and l.recipient is not null) as recipients_accepted,
    count(*) filter (where l.traffic_policy_verdict = 'ACCEPT') as recipients_let_in,
    count(*) filter (where l.traffic_policy_verdict = 'REJECT') as recipients_rejected,
    count(*) filter (where l.action_status = 'SUCCESS' and l.recipient_index = 1) as actions_done,
    count(*) filter (where l.action_status = 'FAILURE' and l.recipient_index = 1) as actions_failed,
    count(*) filter (where l.action_status = 'IN_PROGRESS' and l.recipient_index = 1) as actions_in_progress,
    count(*) filter (where l.log_type = 'rule' and l.action_name is null and l.recipient is null) as unmatched
from raw.mail_manager_logs as l
left join ingress_points as i on l.message_id = i.message_id
group by all;
