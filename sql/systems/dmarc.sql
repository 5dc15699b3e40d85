-- One row per From domain and day of 30 of the DMARC aggregate reports: messages, how many passed DMARC, by DKIM and by
-- SPF, how many receivers quarantined or rejected, and those that failed from Amazon SES and from elsewhere; beside
-- them the recipients of the identities of the domain. A message came from SES where its MAIL FROM is below
-- amazonses.com, or where a key of SES signed it.
with told as (
    select
        header_from as domain,
        "day",
        messages,
        is_dkim_aligned,
        is_spf_aligned,
        disposition,
        coalesce(spf_domain, '') = 'amazonses.com' or coalesce(spf_domain, '') like '%.amazonses.com'
        or coalesce(dkim_domain, '') = 'amazonses.com' as is_from_ses
    from raw.dmarc_records
    where "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
),

sent as (
    select
        lower(regexp_replace(identity, '^.*@', '')) as domain,
        "day",
        sum(sends + sends_unseen)::bigint as recipients
    from marts.daily
    where
        identity is not null
        and "day" between getvariable('last_day')::date - 29 and getvariable('last_day')::date
    group by all
),

summed as (
    select
        domain,
        "day",
        sum(messages)::bigint as messages,
        coalesce(sum(messages) filter (where is_dkim_aligned or is_spf_aligned), 0)::bigint as passed,
        coalesce(sum(messages) filter (where is_dkim_aligned), 0)::bigint as dkim_aligned,
        coalesce(sum(messages) filter (where is_spf_aligned), 0)::bigint as spf_aligned,
        coalesce(sum(messages) filter (where disposition in ('quarantine', 'reject')), 0)::bigint as turned_away,
        coalesce(
            sum(messages) filter (where not is_dkim_aligned and not is_spf_aligned and is_from_ses), 0
        )::bigint as failed_from_ses,
        coalesce(
            sum(messages) filter (where not is_dkim_aligned and not is_spf_aligned and not is_from_ses), 0
        )::bigint as failed_elsewhere
    from told
    group by domain, "day"
)

select
    t.*,
    coalesce(s.recipients, 0) as recipients
from summed as t
left join sent as s on t.domain = s.domain and t."day" = s."day"
order by t.domain asc, t."day" desc
