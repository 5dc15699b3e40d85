-- One row per mailbox provider whose complaints can reach SES: the table says so, or it has complained before.
-- Its deliveries are the denominator of the complaint rate (AWS: "delivered to ISPs that run a feedback loop").
-- A complaint names no provider: it is of the provider that the same message and recipient have as an outcome.
with told as (
    select min(struct_pack(isp_rank := isp_rank, occurred_at := occurred_at, event_id := event_id, isp := isp)) as best
    from touched_events
    group by message_id, recipient
    having bool_or(happened = 'complaint' and not is_simulator)
)

select isp
from staging.isps
where can_complain
union
select best.isp as isp
from told
