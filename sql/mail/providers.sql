-- One row per mailbox provider to which SES tried mail in the seven days up to last_day: recipients delayed, given up
-- after trying (expired), refused for the sender's reputation or for spam, and the reason of most delays.
with recent as (
    select *
    from marts.outcomes
    where
        "day" between getvariable('last_day')::date - 6 and getvariable('last_day')::date
        and not is_simulator and suppressed_at is null and (send_seen_at is not null or is_send_unseen)
)

select
    isp,
    count(*) as attempts,
    count(delayed_at) as delayed,
    mode(delay_reason) as most_delay_reason,
    count(*) filter (where is_expired) as expired,
    count(*) filter (where bounce_reason in ('reputation_block', 'spam_content')) as blocked
from recent
group by isp
order by isp asc
