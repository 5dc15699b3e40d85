"""A dedicated IP (setting `pools`) that stands on a blocklist: receivers who ask that list refuse its mail.

Off unless lists are set (dns.ip_blocklists): some want a contract, and some answer strangers with a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import blocklists, replies
from mailgauge.blocklists import find_listed
from mailgauge.facts import AddressAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "ip_blocklist"
TOPIC = "Blocklists"
FACTS = AddressAnswers
READS = ("blocklists",)
REFERENCES = blocklists.REFERENCES
REPLY = replies.LISTED


def check(facts: AddressAnswers) -> list[Finding]:
    """Say which lists have it."""
    return find_listed(NAME, facts.resource, facts.address, facts.blocklists.answers)
