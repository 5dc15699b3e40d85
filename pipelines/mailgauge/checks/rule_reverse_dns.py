"""Mail that Gmail turned away as the sending IP has no reverse DNS that leads back to it.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_reverse_dns"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.REFERENCES
REPLY = replies.NO_REVERSE_DNS

_REMEDY = (
    "Amazon SES keeps the PTR records of its addresses, your own only where you brought the "
    "range (BYOIP): set them there, or write to AWS Support with the answer below."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(NAME, facts, "no reverse DNS (PTR)", _REMEDY, REFERENCES)
