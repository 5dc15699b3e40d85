-- One row per reason for which mail bounces or is delayed: what it means, what to do about it, and with the address
-- (action): suppress it, retry, fix what was sent or how, or none.
-- told_type is set where the reason leaves no choice, whatever type SES gave the bounce.
-- The smallest set into which the classes of Sisimai and KumoMTA fold without losing what a sender does differently.
select
    t.reason,
    t.reason_group,
    t.meaning,
    t.remedy,
    t.action,
    t.told_type
from (
    values
    (
        'invalid_recipient', 'recipient', 'No such mailbox',
        'Take the address off every list: the list is old, bought or mistyped.',
        'suppress', 'Permanent'
    ),
    (
        'invalid_domain', 'recipient', 'No such domain, or one that takes no mail',
        'Take the address off every list, and look for typing errors in its domain.',
        'suppress', 'Permanent'
    ),
    (
        'inactive_mailbox', 'recipient', 'Mailbox switched off',
        'Take the address off the list.',
        'suppress', 'Permanent'
    ),
    (
        'suppressed', 'recipient', 'On a suppression list of SES',
        'It bounced or complained before; take it off the list.',
        'suppress', null
    ),
    (
        'mailbox_full', 'mailbox', 'Mailbox full',
        'Keep the address; stop after several weeks of it.',
        'retry', 'Transient'
    ),
    (
        'recipient_filter', 'mailbox', 'The recipient''s own rule refused it',
        'Stop mailing this person.',
        'suppress', null
    ),
    (
        'message_too_large', 'content', 'Message too large',
        'Send a smaller message, with links in place of attachments.',
        'fix', null
    ),
    (
        'content_rejected', 'content', 'Content or attachment refused',
        'Compare it with mail that was taken; look for links and attachments.',
        'fix', null
    ),
    (
        'spam_content', 'content', 'Judged to be spam',
        'Change the message, and check every domain it links to.',
        'fix', null
    ),
    (
        'virus', 'content', 'Malware found',
        'Find out at once where it came from; send nothing more until then.',
        'fix', null
    ),
    (
        'auth_failure', 'authentication', 'SPF, DKIM or DMARC failed',
        'Mend the DNS records of the From domain; `mailgauge advise` says which.',
        'fix', null
    ),
    (
        'sender_dns', 'authentication', 'Reverse DNS or HELO of the sending host',
        'Check the PTR records of dedicated IPs; on shared IPs tell AWS.',
        'fix', null
    ),
    (
        'invalid_sender', 'authentication', 'The sender was refused',
        'Check MAIL FROM and From: their domains must exist and take mail.',
        'fix', null
    ),
    (
        'reputation_block', 'reputation', 'IP address or domain blocked',
        'Look the list up that is named, mend the cause, and send less until it is lifted.',
        'fix', null
    ),
    (
        'rate_limited', 'reputation', 'Too many, too fast',
        'Send more slowly to this provider.',
        'retry', 'Transient'
    ),
    (
        'greylisted', 'reputation', 'Told to come back later',
        'SES tries again by itself; where it gave up, send less at once there.',
        'retry', 'Transient'
    ),
    (
        'policy', 'reputation', 'The receiver''s policy',
        'Read what it says: it asks for something of its own, encryption for instance.',
        'fix', null
    ),
    (
        'relay_denied', 'technical', 'The host does not serve this domain',
        'Check the MX of the domain; take the address off the list if it stays.',
        'suppress', null
    ),
    (
        'network', 'technical', 'No connection to the receiver',
        'Nothing at first; look at the domain if it stays.',
        'retry', 'Transient'
    ),
    (
        'expired', 'technical', 'Given up after trying for hours',
        'The provider took its time or held the mail back; look at its delays.',
        'retry', 'Transient'
    ),
    (
        'remote_error', 'technical', 'The receiver''s own fault',
        'Nothing: try again later.',
        'retry', null
    ),
    (
        'protocol_error', 'technical', 'Not as the standards want it',
        'Mend how the message is composed: headers, addresses, line ends.',
        'fix', null
    ),
    (
        'auto_reply', 'none', 'Out of office; not a bounce',
        'Nothing.',
        'none', null
    ),
    (
        'undetermined', 'none', 'Reason not known yet',
        'The response says nothing, or nothing known: read it under the texts not known.',
        'none', null
    )
) as t (reason, reason_group, meaning, remedy, action, told_type)
