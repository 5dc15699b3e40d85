"""Mail that Yahoo put off for its volume or for complaints (what its codes mean is common knowledge, unverified).

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_deferral"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.YAHOO
REPLY = replies.DEFERRED

_REMEDY = (
    "Send more slowly to {isp}, and first to those who open and click; take those "
    "who never do off the lists. `mailgauge metrics complaint_rate --by identity,isp` shows who complains."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(NAME, facts, "deferred for volume or complaints", _REMEDY, REFERENCES)
