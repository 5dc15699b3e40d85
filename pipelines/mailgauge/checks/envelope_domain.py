"""Mail whose envelope sender (mail.source) is of another domain than the identity: bounces and SPF go there.

SES sends it by the identity all the same; what other servers check and answer is another domain's.
"""

from __future__ import annotations

from mailgauge.alignment import are_aligned
from mailgauge.findings import LOW, Finding
from mailgauge.mail_facts import IdentityMail
from mailgauge.rates import percent

NAME = "envelope_domain"
TOPIC = "From and envelope"
FACTS = IdentityMail
READS = ()
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html",
    "https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-firehose-contents.html",
)
REPLY = ""
LEAST = 100
"""Recipients in seven days."""
_REMEDY = (
    "Send with an envelope address at {domain} (FeedbackForwardingEmailAddress, or MAIL FROM in SMTP), or verify "
    "{other} and send with that identity."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say of which other domains."""
    domain = facts.identity.rpartition("@")[2].lower()
    total = sum(many for _, many in facts.envelopes)
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind=other,
            impact=LOW,
            title=f"Mail of {facts.identity} has its envelope at {other}.",
            evidence={
                "said": f"{many:,} of {total:,} recipients in seven days ({percent(many / total)}).",
                "envelope_domain": other,
            },
            remedy=_REMEDY.format(domain=domain, other=other),
            reference_urls=REFERENCES,
        )
        for other, many in facts.envelopes
        if other and many >= LEAST and not are_aligned(other, domain)
    ]
