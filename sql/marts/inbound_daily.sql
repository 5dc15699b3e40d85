-- One row per UTC day, account, region, domain received for and action of a receipt rule.
-- Counts are of recipients, at most one each per message, recipient and action; each check is counted by its verdict.
-- A message that meets two actions is in a row of each. A view: this stream is small.
create or replace view marts.inbound_daily as
with recipients as (
    select
        "day",
        account_id,
        region,
        recipient_domain,
        action,
        message_id,
        recipient,
        max(spam_verdict) as spam_verdict,
        max(virus_verdict) as virus_verdict,
        max(spf_verdict) as spf_verdict,
        max(dkim_verdict) as dkim_verdict,
        max(dmarc_verdict) as dmarc_verdict
    from raw.inbound_receipts
    group by all
)

select
    "day",
    account_id,
    region,
    recipient_domain,
    action,
    count(*) as received,
    count(*) filter (where spam_verdict = 'PASS') as spam_passed,
    count(*) filter (where spam_verdict = 'FAIL') as spam_failed,
    count(*) filter (where spam_verdict = 'GRAY') as spam_gray,
    count(*) filter (where spam_verdict = 'PROCESSING_FAILED') as spam_unchecked,
    count(*) filter (where virus_verdict = 'PASS') as virus_passed,
    count(*) filter (where virus_verdict = 'FAIL') as virus_failed,
    count(*) filter (where virus_verdict = 'GRAY') as virus_gray,
    count(*) filter (where virus_verdict = 'PROCESSING_FAILED') as virus_unchecked,
    count(*) filter (where spf_verdict = 'PASS') as spf_passed,
    count(*) filter (where spf_verdict = 'FAIL') as spf_failed,
    count(*) filter (where spf_verdict = 'GRAY') as spf_gray,
    count(*) filter (where spf_verdict = 'PROCESSING_FAILED') as spf_unchecked,
    count(*) filter (where dkim_verdict = 'PASS') as dkim_passed,
    count(*) filter (where dkim_verdict = 'FAIL') as dkim_failed,
    count(*) filter (where dkim_verdict = 'GRAY') as dkim_gray,
    count(*) filter (where dkim_verdict = 'PROCESSING_FAILED') as dkim_unchecked,
    count(*) filter (where dmarc_verdict = 'PASS') as dmarc_passed,
    count(*) filter (where dmarc_verdict = 'FAIL') as dmarc_failed,
    count(*) filter (where dmarc_verdict = 'GRAY') as dmarc_gray,
    count(*) filter (where dmarc_verdict = 'PROCESSING_FAILED') as dmarc_unchecked
from recipients
group by all;
