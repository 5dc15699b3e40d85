"""Looks at mail to mailboxes that are known not to exist: they bounced for good more than 48 hours before.

Each of them bounces again and counts again, at the provider and at AWS; lists that keep them get blocked.
"""

from __future__ import annotations

from mailgauge import replies
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import IdentityMail
from mailgauge.ses_calls import suppress

NAME = "dead_address"
TOPIC = "Bounces"
FACTS = IdentityMail
READS = ()
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html",
    "https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html",
)
REPLY = replies.NOBODY

LEAST, SHARE, HIGH_SHARE = 10, 0.001, 0.01
"""Recipients, and their share of all: below both nothing is said (our lines, unverified)."""

_REMEDY = (
    "Put bounces on the account's suppression list, so that SES does not try them again, and take them off your lists: "
    "`mailgauge recipients --list suppress`."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many of the recipients are known to be nobody."""
    share = facts.after_bounce / facts.sends if facts.sends else 0.0
    if facts.after_bounce < LEAST or share < SHARE:
        return []
    found = Finding(
        check=NAME,
        resource=facts.resource,
        kind="again",
        impact=HIGH if share >= HIGH_SHARE else LOW,
        title=f"{facts.identity} writes to mailboxes that are known not to exist.",
        evidence={
            "said": f"{facts.after_bounce:,} of {facts.sends:,} recipients in seven days had bounced for good.",
            "after_bounce": facts.after_bounce,
            "sends": facts.sends,
        },
        remedy=_REMEDY,
        reference_urls=REFERENCES,
    )
    return [suppress(found)]
