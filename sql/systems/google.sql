-- One row per domain and day of 30 that Google's Postmaster Tools tell of, or on which one of its identities sent mail
-- to Gmail: Google's spam rate beside what SES tells of the same mail, which never holds a complaint.
-- google_spam_rate is of the mail in inboxes; deliveries are those to Gmail of the identities of the domain, by the day
-- of sending: Google counts by the day of the mark and by what authenticates mail, so neither divides the other.
with told as (
    select
        domain,
        "day",
        max(value) as google_spam_rate
    from raw.google_stats
    where metric = 'spam_rate' and "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
    group by domain, "day"
),

sent as (
    select
        lower(regexp_replace(identity, '^.*@', '')) as domain,
        "day",
        sum(sends + sends_unseen)::bigint as recipients,
        sum(deliveries)::bigint as deliveries,
        sum(permanent_bounces)::bigint as permanent_bounces
    from marts.daily
    where
        isp = 'Gmail' and identity is not null
        and "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
    group by all
)

select
    coalesce(t.domain, s.domain) as domain,
    coalesce(t."day", s."day") as "day",
    t.google_spam_rate,
    coalesce(s.recipients, 0) as recipients,
    coalesce(s.deliveries, 0) as deliveries,
    coalesce(s.permanent_bounces, 0) as permanent_bounces
from told as t
full outer join sent as s on t.domain = s.domain and t."day" = s."day"
where coalesce(t.domain, s.domain) in (select g.domain from raw.google_stats as g)
order by domain asc, "day" desc
