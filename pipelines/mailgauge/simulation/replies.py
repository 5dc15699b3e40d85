"""What each provider's mail server says: accepted, unknown, full, not now, not at all.

`<<name>>` is filled in for each event: `rcpt` the address, `ip` the sending IP, `mark` a random number in hex.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """A refusal: its enhanced status and its text as it stands in `diagnosticCode` after `smtp; `."""

    status: str
    text: str
    delay_type: str = "General"  # SES's word for it where it causes a delay


@dataclass(frozen=True, slots=True)
class Replies:
    """One provider's answers."""

    accepted: str
    unknown: Reply
    full: Reply
    busy: Reply
    blocked: Reply


REPLIES = {
    "Gmail": Replies(
        "250 2.0.0 OK  <<unix>> <<mark>>-41be03b00d2f7si<<serial>>a12.<<byte>> - gsmtp",
        Reply(
            "5.1.1",
            "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking "
            "the recipient's email address for typos or 550-5.1.1 unnecessary spaces. For more information, go to "
            "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser <<mark>>si<<serial>>b.<<byte>> - gsmtp",
        ),
        Reply(
            "4.2.2",
            "452-4.2.2 The recipient's inbox is out of storage space. Please direct the 452-4.2.2 recipient to "
            "452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp <<mark>>si<<serial>>c.<<byte>> - gsmtp",
            "MailboxFull",
        ),
        Reply(
            "4.7.28",
            "421-4.7.28 Gmail has detected an unusual rate of mail originating from your IP address [<<ip>>]. "
            "To protect our users from spam, mail sent from your IP address has been temporarily rate limited. "
            "421 4.7.28  https://support.google.com/mail/?p=UnsolicitedRateLimitError "
            "<<mark>>si<<serial>>d.<<byte>> - gsmtp",
        ),
        Reply(
            "5.7.1",
            "550-5.7.1 [<<ip>>      19] Gmail has detected that this message is likely suspicious due to the very low "
            "reputation of the sending domain. 550 5.7.1  https://support.google.com/mail/answer/188131 "
            "<<mark>>si<<serial>>e.<<byte>> - gsmtp",
        ),
    ),
    "Yahoo": Replies(
        "250 ok dirdel",
        Reply("5.1.1", "552 1 Requested mail action aborted, mailbox not found"),
        Reply("4.2.2", "452 4.2.2 Mailbox over quota", "MailboxFull"),
        Reply(
            "4.7.0",
            "421 4.7.0 [TSS04] Messages from <<ip>> temporarily deferred due to unexpected volume or user complaints - "
            "4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
        ),
        Reply(
            "5.7.9",
            "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes",
        ),
    ),
    "Outlook": Replies(
        "250 2.6.0 <<<id>>@<<mailhost>>> [InternalId=<<serial>>, Hostname=DB9P251MB0<<byte>>.EURP251.PROD.OUTLOOK.COM] "
        "48<<byte>> bytes in 0.1<<byte>>, 268.8 KB/sec Queued mail for delivery -> 250 2.1.5",
        Reply(
            "5.5.0",
            "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). "
            "[DB5EUR03FT<<byte>>.eop-EUR03.prod.protection.outlook.com <<mark>>]",
        ),
        Reply("5.2.2", "552 5.2.2 <<<rcpt>>>: mailbox full", "MailboxFull"),
        Reply(
            "4.7.650",
            "451 4.7.650 The mail server [<<ip>>] has been temporarily rate limited due to IP reputation. For e-mail "
            "delivery information, see https://postmaster.live.com (S843) "
            "[DB5EUR03FT<<byte>>.prod.protection.outlook.com]",
            "IPFailure",
        ),
        Reply(
            "5.7.1",
            "550 5.7.1 Unfortunately, messages from [<<ip>>] weren't sent. Please contact your Internet service "
            "provider since part of their network is on our block list (S3140). "
            "[DB5EUR03FT<<byte>>.eop-EUR03.prod.protection.outlook.com]",
        ),
    ),
    "Apple": Replies(
        "250 2.0.0 Ok: queued as <<mark>>",
        Reply("5.1.1", "550 5.1.1 <<<rcpt>>>: user does not exist"),
        Reply("5.2.2", "552 5.2.2 <<<rcpt>>>: user is over quota", "MailboxFull"),
        Reply("4.7.0", "421 4.7.0 [CS01] Too many messages from <<ip>>, please try again later"),
        Reply(
            "5.7.1",
            "554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
        ),
    ),
    "GMX": Replies(
        "250 Requested mail action okay, completed: id=1M<<mark>>",
        Reply("5.1.1", "550 Requested action not taken: mailbox unavailable"),
        Reply(
            "5.2.2", "552-Requested mail action aborted: exceeded storage allocation 552 Quota exceeded", "MailboxFull"
        ),
        Reply(
            "4.5.0",
            "450 Requested mail action not taken: mailbox unavailable. The recipient is receiving mail at too high "
            "a rate (gmx.net <<byte>>)",
            "RecipientServerError",
        ),
        Reply(
            "5.5.4",
            "554 Transaction failed. Reject due to policy restrictions. For explanation visit "
            "https://postmaster.gmx.net/en/case?c=r0301&i=ip&v=<<ip>>",
        ),
    ),
    "T-Online": Replies(
        "250 2.0.0 Message accepted.",
        Reply("5.1.1", "550 <<<rcpt>>>: User unknown."),
        Reply("5.2.2", "552 <<<rcpt>>>: Mailbox quota exceeded", "MailboxFull"),
        Reply("4.7.0", "421 IP=<<ip>> - Too many connections. (Rate limit of T-Online)"),
        Reply(
            "5.7.0",
            "554 IP=<<ip>> - A problem occurred. Ask your postmaster for help or to contact tosa@rx.t-online.de",
        ),
    ),
    "Orange": Replies(
        "250 2.0.0 <<mark>> mail accepted for delivery",
        Reply("5.1.1", "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]"),
        Reply("5.2.2", "552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]", "MailboxFull"),
        Reply(
            "4.7.0", "421 mwinf5c<<byte>> ME Trop de connexions, veuillez verifier votre configuration. OFR_108 [108]"
        ),
        Reply("5.2.0", "550 5.2.0 Mail rejete. Mail rejected. OFR_506 [506]"),
    ),
    "Comcast": Replies(
        "250 2.0.0 <<mark>> mail accepted for delivery",
        Reply("5.1.1", "550 5.1.1 <<<rcpt>>> Account not available"),
        Reply("5.2.2", "552 5.2.2 <<<rcpt>>> recipient rejected - quota violation", "MailboxFull"),
        Reply("4.1.0", "421 4.1.0 <<ip>> Throttled - try again later. See https://postmaster.comcast.net"),
        Reply(
            "5.2.0", "554 5.2.0 Message rejected due to sender reputation, see https://postmaster.comcast.net BL000001"
        ),
    ),
    "Libero": Replies(
        "250 2.0.0 <<mark>> Message accepted for delivery",
        Reply("5.1.1", "550 RCPT TO:<<<rcpt>>> User unknown"),
        Reply("5.2.2", "552 RCPT TO:<<<rcpt>>> Mailbox disk quota exceeded", "MailboxFull"),
        Reply(
            "4.7.0", "421 4.7.0 smtp-<<byte>>.iol.local too many messages from <<ip>>, retry later [smtp-in.libero.it]"
        ),
        Reply("5.7.1", "550 5.7.1 smtp-<<byte>>.iol.local Mail rejected, IP <<ip>> has a bad reputation"),
    ),
    "Mail.ru": Replies(
        "250 OK id=1vK<<mark>>",
        Reply(
            "5.1.1",
            "550 Message was not accepted -- invalid mailbox.  Local mailbox <<rcpt>> is unavailable: user not found",
        ),
        Reply("5.2.2", "552 Message was not accepted -- mailbox <<rcpt>> is over quota", "MailboxFull"),
        Reply("4.7.1", "451 Try again later, rate limit for <<ip>>. Please visit https://postmaster.mail.ru"),
        Reply("5.7.1", "550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=<<mark>>"),
    ),
    "QQ": Replies(
        "250 OK: queued as.",
        Reply(
            "5.1.1",
            "550 The recipient may contain a non-existent account, please check the recipient address. "
            "https://service.mail.qq.com/detail/122/166",
        ),
        Reply("5.2.2", "550 Mailbox is full. https://service.mail.qq.com/detail/122/168", "MailboxFull"),
        Reply("4.5.0", "450 Mail rate limit exceeded for <<ip>>. https://service.mail.qq.com/detail/122/1000"),
        Reply("5.7.1", "550 Mail content denied. https://service.mail.qq.com/detail/122/170"),
    ),
    "Other": Replies(
        "250 2.0.0 Ok: queued as <<mark>>",
        Reply("5.1.1", "550 5.1.1 <<<rcpt>>>: Recipient address rejected: User unknown in virtual mailbox table"),
        Reply("4.2.2", "452 4.2.2 <<<rcpt>>>: Recipient address rejected: Mailbox full", "MailboxFull"),
        Reply(
            "4.7.1",
            "450 4.7.1 <<<rcpt>>>: Recipient address rejected: Greylisted, please try again later",
            "RecipientServerError",
        ),
        Reply("5.7.1", "554 5.7.1 Service unavailable; Client host [<<ip>>] blocked using a local block list"),
    ),
    "": Replies(
        "250 Ok",
        Reply("5.1.1", "550 5.1.1 user unknown"),
        Reply("4.2.2", "452 4.2.2 mailbox full", "MailboxFull"),
        Reply("4.4.1", "421 4.4.1 Unable to connect to remote host", "TransientCommunicationFailure"),
        Reply("5.7.1", "550 5.7.1 blocked"),
    ),
}
