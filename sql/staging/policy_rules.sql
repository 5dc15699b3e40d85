-- One row per mailbox provider (isp) and code by which it says that a rule for senders was broken, and what it means.
-- Sources: Gmail, Email sender guidelines (SMTP error codes); Microsoft, Outlook on high-volume senders;
-- Yahoo, Sender Hub (SMTP error codes; what each TS code means is common knowledge among senders, unverified).
select
    t.isp,
    t.code,
    concat(t.provider, ' ', t.code) as policy_rule,
    t.meaning
from (
    values
    ('Gmail', 'Gmail', '4.7.23', 'no reverse DNS (PTR)'),
    ('Gmail', 'Gmail', '5.7.25', 'no reverse DNS (PTR)'),
    ('Gmail', 'Gmail', '4.7.27', 'SPF does not pass'),
    ('Gmail', 'Gmail', '5.7.27', 'SPF does not pass'),
    ('Gmail', 'Gmail', '4.7.28', 'too much at once'),
    ('Gmail', 'Gmail', '4.7.29', 'no TLS'),
    ('Gmail', 'Gmail', '5.7.29', 'no TLS'),
    ('Gmail', 'Gmail', '4.7.30', 'DKIM does not pass'),
    ('Gmail', 'Gmail', '5.7.30', 'DKIM does not pass'),
    ('Gmail', 'Gmail', '4.7.31', 'no DMARC record'),
    ('Gmail', 'Gmail', '4.7.32', 'From is not aligned'),
    ('Gmail', 'Gmail', '5.7.26', 'not authenticated'),
    ('Google Workspace', 'Gmail', '4.7.23', 'no reverse DNS (PTR)'),
    ('Google Workspace', 'Gmail', '5.7.25', 'no reverse DNS (PTR)'),
    ('Google Workspace', 'Gmail', '4.7.27', 'SPF does not pass'),
    ('Google Workspace', 'Gmail', '5.7.27', 'SPF does not pass'),
    ('Google Workspace', 'Gmail', '4.7.28', 'too much at once'),
    ('Google Workspace', 'Gmail', '4.7.29', 'no TLS'),
    ('Google Workspace', 'Gmail', '5.7.29', 'no TLS'),
    ('Google Workspace', 'Gmail', '4.7.30', 'DKIM does not pass'),
    ('Google Workspace', 'Gmail', '5.7.30', 'DKIM does not pass'),
    ('Google Workspace', 'Gmail', '4.7.31', 'no DMARC record'),
    ('Google Workspace', 'Gmail', '4.7.32', 'From is not aligned'),
    ('Google Workspace', 'Gmail', '5.7.26', 'not authenticated'),
    ('Outlook', 'Outlook', '5.7.515', 'not authenticated as bulk senders must be'),
    ('Microsoft 365', 'Outlook', '5.7.515', 'not authenticated as bulk senders must be'),
    ('Yahoo', 'Yahoo', 'TSS04', 'deferred for volume or complaints'),
    ('Yahoo', 'Yahoo', 'TSS05', 'deferred for volume or complaints'),
    ('Yahoo', 'Yahoo', 'TSS09', 'deferred until the sender changes'),
    ('Yahoo', 'Yahoo', 'TSS11', 'deferred until the sender changes'),
    ('Yahoo', 'Yahoo', 'TS01', 'deferred for volume or complaints'),
    ('Yahoo', 'Yahoo', 'TS02', 'deferred for volume or complaints'),
    ('Yahoo', 'Yahoo', 'TS03', 'deferred until the sender changes')
) as t (isp, provider, code, meaning)
