"""People who wanted no more mail of an identity and got it all the same, as the checks judge it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.findings import HIGH, LOW, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailgauge.mail_facts import IdentityMail

REFERENCES = (
    "https://support.google.com/a/answer/81126",
    "https://senders.yahooinc.com/best-practices/",
    "https://docs.aws.amazon.com/ses/latest/dg/sending-email-subscription-management.html",
)
LEAST, MANY = 3, 10
"""Fewer may have come back of their own will; from many on it is a process that does not work."""

_REMEDY = (
    "Take them off every list now: `mailgauge recipients --list suppress`. Send with a contact list and topic, so that "
    "SES honours the opt-out itself, put complaints on the account's suppression list, and read Subscription and "
    "Complaint events into your own lists within a day."
)


def find_ignored(check: str, facts: IdentityMail, counts: Mapping[str, int], what: str, title: str) -> list[Finding]:
    """The finding about those who `had` wanted none; `counts` stands in the evidence."""
    many = sum(counts.values())
    if many < LEAST:
        return []
    return [
        Finding(
            check=check,
            resource=facts.resource,
            kind="ignored",
            impact=HIGH if many >= MANY else LOW,
            title=title,
            evidence={
                "said": f"In seven days {many:,} who {what} more than 48 hours before, of {facts.sends:,} recipients.",
                "sends": facts.sends,
                **counts,
            },
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
