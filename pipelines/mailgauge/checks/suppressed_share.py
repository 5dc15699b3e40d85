"""Looks at recipients whom SES itself holds back, as they are on a suppression list.

They cost nothing but the quota, and tell that a list is written to that nobody cleans: what bounced or complained once
is still on it.
"""

from __future__ import annotations

from mailgauge.findings import LOW, Finding
from mailgauge.mail_facts import IdentityMail
from mailgauge.rates import percent

NAME = "suppressed_share"
TOPIC = "Bounces"
FACTS = IdentityMail
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html",)
REPLY = ""

LEAST, SHARE = 50, 0.02
"""Recipients, and their share: our line, unverified."""

_REMEDY = (
    "Take them off your lists: `mailgauge recipients --list suppress` names them. A list that was imported or slept "
    "should be cleaned before it is written to."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say that many are held back."""
    if facts.suppressed < LEAST or facts.suppressed < SHARE * facts.sends:
        return []
    share = percent(facts.suppressed / facts.sends)
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="share",
            impact=LOW,
            title=f"SES holds back {share} of the mail of {facts.identity}: its recipients are suppressed.",
            evidence={
                "said": f"{facts.suppressed:,} of {facts.sends:,} recipients in seven days.",
                "suppressed": facts.suppressed,
                "sends": facts.sends,
            },
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
