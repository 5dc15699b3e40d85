-- One row per UTC day, account, region and domain received for.
-- Counts are of recipients, at most one each per message and recipient, however many actions of receipt rules tell of
-- it: received; by verdict of each check, where passed, failed, gray and unchecked sum to received (unchecked: SES
-- could not tell, or did not look); and by what was done, where a recipient may meet several actions (S3: stored,
-- SNS: notified, Lambda: invoked, Bounce: bounced, Stop: stopped, WorkMail: handed_to_workmail).
-- The notification of an action may not name the account; then that of another action does. A view: this is small.
create or replace view marts.inbound_daily as
with recipients as (
    select
        min("day") as "day",
        max(account_id) as account_id,
        max(region) as region,
        recipient_domain,
        message_id,
        recipient,
        list(distinct action) as actions,
        min(spam_verdict) as spam_verdict,
        min(virus_verdict) as virus_verdict,
        min(spf_verdict) as spf_verdict,
        min(dkim_verdict) as dkim_verdict,
        min(dmarc_verdict) as dmarc_verdict
    from raw.inbound_receipts
    group by recipient_domain, message_id, recipient
)

select
    "day",
    account_id,
    region,
    recipient_domain,
    count(*) as received,
    count(*) filter (where spam_verdict = 'PASS') as spam_passed,
    count(*) filter (where spam_verdict = 'FAIL') as spam_failed,
    count(*) filter (where spam_verdict = 'GRAY') as spam_gray,
    count(*) filter (where coalesce(spam_verdict, '') not in ('PASS', 'FAIL', 'GRAY')) as spam_unchecked,
    count(*) filter (where virus_verdict = 'PASS') as virus_passed,
    count(*) filter (where virus_verdict = 'FAIL') as virus_failed,
    count(*) filter (where virus_verdict = 'GRAY') as virus_gray,
    count(*) filter (where coalesce(virus_verdict, '') not in ('PASS', 'FAIL', 'GRAY')) as virus_unchecked,
    count(*) filter (where spf_verdict = 'PASS') as spf_passed,
    count(*) filter (where spf_verdict = 'FAIL') as spf_failed,
    count(*) filter (where spf_verdict = 'GRAY') as spf_gray,
    count(*) filter (where coalesce(spf_verdict, '') not in ('PASS', 'FAIL', 'GRAY')) as spf_unchecked,
    count(*) filter (where dkim_verdict = 'PASS') as dkim_passed,
    count(*) filter (where dkim_verdict = 'FAIL') as dkim_failed,
    count(*) filter (where dkim_verdict = 'GRAY') as dkim_gray,
    count(*) filter (where coalesce(dkim_verdict, '') not in ('PASS', 'FAIL', 'GRAY')) as dkim_unchecked,
    count(*) filter (where dmarc_verdict = 'PASS') as dmarc_passed,
    count(*) filter (where dmarc_verdict = 'FAIL') as dmarc_failed,
    count(*) filter (where dmarc_verdict = 'GRAY') as dmarc_gray,
    count(*) filter (where coalesce(dmarc_verdict, '') not in ('PASS', 'FAIL', 'GRAY')) as dmarc_unchecked,
    count(*) filter (where list_contains(actions, 'S3')) as stored,
    count(*) filter (where list_contains(actions, 'SNS')) as notified,
    count(*) filter (where list_contains(actions, 'Lambda')) as invoked,
    count(*) filter (where list_contains(actions, 'Bounce')) as bounced,
    count(*) filter (where list_contains(actions, 'Stop')) as stopped,
    count(*) filter (where list_contains(actions, 'WorkMail')) as handed_to_workmail,
    count(*) filter (
        where len(list_filter(actions, lambda a: a not in ('S3', 'SNS', 'Lambda', 'Bounce', 'Stop', 'WorkMail'))) > 0
    ) as met_other_action
from recipients
group by all;
