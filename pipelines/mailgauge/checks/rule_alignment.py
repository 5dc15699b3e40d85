"""Mail that Gmail turned away as neither SPF nor DKIM stands for the domain in From.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_alignment"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.REFERENCES
REPLY = replies.NOT_ALIGNED


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(NAME, facts, "From is not aligned", provider_rules.AUTHENTICATE, REFERENCES)
