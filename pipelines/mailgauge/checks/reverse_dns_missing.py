"""A dedicated IP (setting `pools`) without a name (PTR): Gmail, Yahoo and Microsoft refuse mail from it.

Amazon SES keeps the names of its own addresses; yours to set are those of a range that you brought (BYOIP).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import replies, reverse
from mailgauge.facts import ABSENT, AddressAnswers
from mailgauge.reverse import find_reverse

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "reverse_dns_missing"
TOPIC = "Reverse DNS"
FACTS = AddressAnswers
READS = ("reverse",)
REFERENCES = reverse.REFERENCES
REPLY = replies.NO_REVERSE_DNS


def check(facts: AddressAnswers) -> list[Finding]:
    """Say that it has no name."""
    if facts.reverse.state != ABSENT:
        return []
    return [find_reverse(NAME, facts, f"{facts.address} has no reverse DNS (PTR).")]
