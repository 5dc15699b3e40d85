-- One row per UTC day, account, region, ingress point, traffic policy, rule set, rule and action of Mail Manager.
-- messages_accepted and recipients_accepted count what an ingress point let in; recipients_let_in and
-- recipients_rejected count the verdicts of traffic policies; actions count what rules did to a message, once for each
-- of its actions, by how it ended: one that was in progress and then ended counts where it ended; unmatched are
-- messages that met a rule without matching it.
-- An action's ingress point is that of its message, where the ingress log was seen. Names are the last that were told
-- of an ingress point or rule set, null where only its id was. A view: this stream is small.
create or replace view marts.mail_manager_daily as
with ingress_points as (
    select
        message_id,
        min(ingress_point_id) as ingress_point_id
    from raw.mail_manager_logs
    where log_type = 'ingress' and message_id is not null
    group by message_id
),

ingress_names as (
    select
        ingress_point_id,
        arg_max(ingress_point_name, occurred_at) as ingress_point_name
    from raw.mail_manager_logs
    where ingress_point_name is not null
    group by ingress_point_id
),

rule_sets as (
    select
        rule_set_id,
        arg_max(rule_set_name, occurred_at) as rule_set_name
    from raw.mail_manager_logs
    where rule_set_name is not null
    group by rule_set_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by
                coalesce(message_id, event_id::varchar), rule_set_id, rule_name, rule_index, action_name, action_index
            order by (action_status = 'IN_PROGRESS') asc, occurred_at desc, event_id asc
        ) as place
    from raw.mail_manager_logs
    where log_type = 'rule' and action_name is not null and recipient_index = 1
),

logs as (
    select * from raw.mail_manager_logs
    where log_type <> 'rule' or action_name is null
    union all by name
    select * exclude (place) from ranked
    where place = 1
)

select
    l."day",
    l.account_id,
    l.region,
    coalesce(l.ingress_point_id, i.ingress_point_id) as ingress_point_id,
    max(p.ingress_point_name) as ingress_point_name,
    l.traffic_policy_id,
    l.rule_set_id,
    max(s.rule_set_name) as rule_set_name,
    l.rule_name,
    l.action_name,
    count(*) filter (where l.log_type = 'ingress' and l.recipient_index = 1) as messages_accepted,
    count(*) filter (where l.log_type = 'ingress' and l.recipient is not null) as recipients_accepted,
    count(*) filter (where l.traffic_policy_verdict = 'ACCEPT') as recipients_let_in,
    count(*) filter (where l.traffic_policy_verdict = 'REJECT') as recipients_rejected,
    count(*) filter (where l.action_status = 'SUCCESS') as actions_done,
    count(*) filter (where l.action_status = 'FAILURE') as actions_failed,
    count(*) filter (where l.action_status = 'IN_PROGRESS') as actions_in_progress,
    count(*) filter (where l.log_type = 'rule' and l.action_name is null and l.recipient is null) as unmatched
from logs as l
left join ingress_points as i on l.message_id = i.message_id
left join ingress_names as p on coalesce(l.ingress_point_id, i.ingress_point_id) = p.ingress_point_id
left join rule_sets as s on l.rule_set_id = s.rule_set_id
group by
    l."day",
    l.account_id,
    l.region,
    coalesce(l.ingress_point_id, i.ingress_point_id),
    l.traffic_policy_id,
    l.rule_set_id,
    l.rule_name,
    l.action_name;
