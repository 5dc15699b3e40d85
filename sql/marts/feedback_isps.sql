-- One row per mailbox provider whose complaints can reach SES: the table says so, or it has complained before.
-- Its deliveries are the denominator of the complaint rate (AWS: "delivered to ISPs that run a feedback loop").
-- A complaint names no provider: it is of the provider that the same message and recipient have as an outcome.
with complained as (
    select distinct
        message_id,
        recipient
    from touched_events
    where happened = 'complaint' and not is_simulator
),

told as (
    select
        min(
            struct_pack(isp_rank := e.isp_rank, occurred_at := e.occurred_at, event_id := e.event_id, isp := e.isp)
        ) as best
    from touched_events as e
    inner join complained as c on e.message_id = c.message_id and e.recipient is not distinct from c.recipient
    group by c.message_id, c.recipient
)

select isp
from staging.isps
where can_complain
union
select best.isp as isp
from told
