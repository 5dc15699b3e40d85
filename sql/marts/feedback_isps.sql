-- One row per mailbox provider whose complaints can reach SES: the table says so, or it has complained before.
-- Its deliveries are the denominator of the complaint rate (AWS: "delivered to ISPs that run a feedback loop").
select isp
from staging.isps
where can_complain
union
select isp
from touched_events
where happened = 'complaint' and not is_simulator
