"""Mail that Outlook refused as it is from a bulk sender (over 5,000 a day) without SPF, DKIM and an aligned DMARC.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import provider_rules, replies
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "rule_bulk_authentication"
TOPIC = "Rules of providers"
FACTS = IdentityMail
READS = ()
REFERENCES = provider_rules.MICROSOFT
REPLY = replies.NOT_AUTHENTICATED_IN_BULK


def check(facts: IdentityMail) -> list[Finding]:
    """Say which codes cost mail."""
    return provider_rules.find_rules(
        NAME, facts, "not authenticated as bulk senders must be", provider_rules.AUTHENTICATE, REFERENCES
    )
