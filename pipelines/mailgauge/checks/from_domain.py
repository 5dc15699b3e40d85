"""Looks at mail whose From domain is neither that of its identity nor below it.

DKIM and SPF speak for the identity; where From is another domain, neither is aligned and DMARC fails all the same.
"""

from __future__ import annotations

from mailgauge import replies
from mailgauge.alignment import are_aligned
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import IdentityMail
from mailgauge.rates import percent

NAME = "from_domain"
TOPIC = "From and envelope"
FACTS = IdentityMail
READS = ()
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html",
    "https://www.rfc-editor.org/rfc/rfc9989",
)
REPLY = replies.NOT_ALIGNED

SHARE = 0.05
"""Of the identity's mail, from which on it is HIGH."""

_REMEDY = (
    "Send from an address at {domain}, or verify {other} as an identity of its own and send with it (the ARN that the "
    "call names, or SES's choice by From). Then look whether it is aligned: `mailgauge advise --domain {other}`."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say from which other domains the identity's mail comes."""
    domain = facts.identity.rpartition("@")[2].lower()
    others = {name: many for name, many in facts.from_domains if name and not are_aligned(name, domain)}
    total = sum(many for _, many in facts.from_domains)
    return [_find(facts, domain, name, many, total) for name, many in others.items()]


def _find(facts: IdentityMail, domain: str, other: str, many: int, total: int) -> Finding:
    return Finding(
        check=NAME,
        resource=facts.resource,
        kind=other,
        impact=HIGH if many >= SHARE * total else LOW,
        title=f"Mail of {facts.identity} is from {other}, which is not aligned.",
        evidence={
            "said": f"{many:,} of {total:,} recipients in seven days ({percent(many / total)}).",
            "from_domain": other,
            "recipients": many,
            "of": total,
        },
        remedy=_REMEDY.format(domain=domain, other=other),
        reference_urls=REFERENCES,
    )
