"""Mail that Gmail delayed as there was too much of it at once.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_volume"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.REFERENCES
REPLY = replies.TOO_MUCH

_REMEDY = "Send more slowly to {isp} and more evenly over the day; begin with those who open and click."


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(NAME, facts, "too much at once", _REMEDY, REFERENCES)
