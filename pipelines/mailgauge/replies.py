"""What receivers say to mail that breaks one of their rules, so that whoever reads a bounce finds the finding.

As Gmail, Microsoft and Yahoo write it, without the addresses and links that differ from mail to mail.
"""

from __future__ import annotations

NO_SPF = "421-4.7.27 Your email has been rate limited because SPF authentication didn't pass for this message."
ODD_SPF = "550 5.7.24 The SPF record of the sending domain has one or more suspicious entries."
NO_DKIM = "421-4.7.30 Your email has been rate limited because DKIM authentication didn't pass for this message."
NO_DMARC = (
    "421-4.7.31 Your email has been rate limited because the sending domain doesn't have a DMARC record, or the DMARC "
    "record doesn't specify a DMARC policy."
)
NOT_ALIGNED = (
    "421 4.7.32 Your email has been rate limited because the From: header (RFC5322) in this message isn't aligned with "
    "either the authenticated SPF or DKIM organizational domain."
)
NOT_AUTHENTICATED = (
    "550 5.7.26 This message does not have authentication information or fails to pass authentication checks "
    "(SPF or DKIM)."
)
NOT_AUTHENTICATED_IN_BULK = "550 5.7.515 Access denied, sending domain doesn't meet the required authentication level."
REFUSED_BY_DMARC = (
    "550 5.7.509 Access denied, sending domain does not pass DMARC verification and has a DMARC policy of reject."
)
NO_REVERSE_DNS = (
    "550 5.7.25 The IP address sending this message does not have a PTR record setup, or the corresponding forward DNS "
    "entry does not point to the sending IP."
)
NO_TLS = "421-4.7.29 Your email has been rate limited because this message was not sent over a TLS connection."
TOO_MUCH = "421 4.7.28 Gmail has detected an unusual rate of mail originating from your IP address."
DEFERRED = "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints"
LISTED = "550 5.7.1 Mail from IP 192.0.2.1 was rejected due to listing in Spamhaus SBL."
DOMAIN_LISTED = "550 5.7.1 Service unavailable, MailFrom domain is listed in Spamhaus."
NOBODY = "550 5.1.1 The email account that you tried to reach does not exist."
