"""Mail that Gmail turned away as SPF does not pass: the MAIL FROM domain's record does not name Amazon SES.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_spf"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.REFERENCES
REPLY = replies.NO_SPF


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(NAME, facts, "SPF does not pass", provider_rules.AUTHENTICATE, REFERENCES)
