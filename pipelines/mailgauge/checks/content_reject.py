"""Mail that SES itself refused for what was in it (Reject): it found a virus, and sent nothing."""

from __future__ import annotations

from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import IdentityMail

NAME = "content_reject"
TOPIC = "Content"
FACTS = IdentityMail
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-firehose-contents.html",)
REPLY = ""

LEAST, SHARE = 3, 0.001
"""Recipients, and the share of all from which on it is HIGH: our lines, unverified."""
_REMEDY = (
    "Look what was attached: `mailgauge trace` of one message, and who may send by this identity. Where a customer's "
    "upload is passed on, have it scanned before; where nobody knows the mail, change the credentials."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many got nothing."""
    if facts.rejects < LEAST:
        return []
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="rejected",
            impact=HIGH if facts.rejects >= SHARE * facts.sends else LOW,
            title=f"SES rejected mail of {facts.identity} for its content.",
            evidence={
                "said": f"{facts.rejects:,} of {facts.sends:,} recipients in seven days got nothing.",
                "rejected": facts.rejects,
            },
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
