"""Mail that Gmail turned away as it came over a connection without TLS.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_tls"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.REFERENCES
REPLY = replies.NO_TLS

_REMEDY = (
    "Take no connection without TLS: aws sesv2 put-configuration-set-delivery-options "
    "--configuration-set-name SET --tls-policy REQUIRE."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(NAME, facts, "no TLS", _REMEDY, REFERENCES)
