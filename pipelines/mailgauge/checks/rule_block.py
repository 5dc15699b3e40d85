"""Mail that Yahoo takes no more of until the sender changes something (what its codes mean is unverified).

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_block"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.YAHOO
REPLY = replies.DEFERRED

_REMEDY = (
    "{isp} takes nothing from here until something changes: stop, take off who "
    "never opens, and begin again with the most active."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(NAME, facts, "deferred until the sender changes", _REMEDY, REFERENCES)
