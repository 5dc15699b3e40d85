"""A domain that stands on a blocklist: receivers who ask that list refuse mail from it, or with links to it.

Off unless lists are set (dns.domain_blocklists): some want a contract, and some answer strangers with a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import blocklists, replies
from mailgauge.blocklists import find_listed
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "domain_blocklist"
TOPIC = "Blocklists"
FACTS = DomainAnswers
READS = ("blocklists",)
REFERENCES = blocklists.REFERENCES
REPLY = replies.DOMAIN_LISTED


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which lists have it."""
    return find_listed(NAME, facts.resource, facts.domain, facts.blocklists.answers)
