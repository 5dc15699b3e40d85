"""Mail whose own DKIM signatures are all of other domains than that in From: for DMARC they count for nothing.

SES's own signature (Easy DKIM of the identity) stands in no event: where it is there, mail passes by that alone.
"""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.alignment import are_aligned
from mailgauge.findings import LOW, Finding
from mailgauge.mail_facts import IdentityMail
from mailgauge.rates import percent

NAME = "dkim_alignment"
TOPIC = "DKIM"
FACTS = IdentityMail
READS = ()
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NOT_ALIGNED

LEAST = 100
"""Recipients in seven days."""
_REMEDY = (
    "Sign with a key of {domain} (d={domain}), or leave signing to SES: turn on Easy DKIM for the identity {domain}, "
    "and take the other signature out where it is of no use."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say whose signatures they are."""
    return [
        _find(facts, domain, signers, many)
        for domain, signers, many in facts.signatures
        if many >= LEAST and not any(are_aligned(signer, domain) for signer in signers)
    ]


def _find(facts: IdentityMail, domain: str, signers: tuple[str, ...], many: int) -> Finding:
    share = f" ({percent(many / facts.sends)})" if facts.sends >= many else ""
    return Finding(
        check=NAME,
        resource=facts.resource,
        kind=domain,
        impact=LOW,
        title="DKIM record is not aligned.",
        evidence={
            "said": f"In seven days mail from {domain} to {many:,} recipients{share} was signed by "
            f"{', '.join(signers[:5])} alone.",
            "from_domain": domain,
            "signers": list(signers[:10]),
        },
        remedy=_REMEDY.format(domain=domain),
        reference_urls=REFERENCES,
    )
