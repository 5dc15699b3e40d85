"""Looks at mail to people who had opted out of an identity's mail, or complained of it, more than 48 hours before.

Gmail and Yahoo want an unsubscription honoured within two days (2024); who complains and goes on getting mail complains
again. It counts by configuration set, as an invoice may follow an opt-out of the newsletter; a complaint that was taken
back counts for nothing.
"""

from __future__ import annotations

from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import IdentityMail

NAME = "opt_out"
FACTS = IdentityMail
READS = ()
REFERENCES = (
    "https://support.google.com/a/answer/81126",
    "https://senders.yahooinc.com/best-practices/",
    "https://docs.aws.amazon.com/ses/latest/dg/sending-email-subscription-management.html",
)

LEAST, MANY = 3, 10
"""Fewer may have come back of their own will; from many on it is a process that does not work."""

_REMEDY = (
    "Take them off every list now: `mailgauge recipients --list suppress`. Send with a contact list and topic, so that "
    "SES honours the opt-out itself, put complaints on the account's suppression list (aws sesv2 "
    "put-account-suppression-attributes --suppressed-reasons BOUNCE COMPLAINT), and read Subscription and Complaint "
    "events into your own lists within a day."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many were written to all the same."""
    counts = {"opted out": facts.after_opt_out, "complained": facts.after_complaint}
    if sum(counts.values()) < LEAST:
        return []
    told = " and ".join(f"{count:,} who had {what}" for what, count in counts.items() if count)
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="ignored",
            impact=HIGH if sum(counts.values()) >= MANY else LOW,
            title=f"{facts.identity} writes to people who do not want it.",
            evidence={
                "said": f"In seven days {told} more than 48 hours before, of {facts.sends:,} recipients.",
                "after_opt_out": facts.after_opt_out,
                "after_complaint": facts.after_complaint,
                "sends": facts.sends,
            },
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
