"""Mail to addresses that nobody ever gave away (SNDS, trap hits): a list was bought, scraped, or never cleaned."""

from __future__ import annotations

from mailgauge import snds
from mailgauge.findings import LOW, Finding
from mailgauge.postmaster_facts import SndsWord
from mailgauge.snds import find_snds

NAME = "snds_traps"
TOPIC = "SNDS"
FACTS = SndsWord
READS = ()
REFERENCES = snds.REFERENCES
REPLY = ""


def check(facts: SndsWord) -> list[Finding]:
    """Say how many were hit."""
    if not facts.trap_hits:
        return []
    return [find_snds(NAME, facts, "traps", LOW, f"{facts.address} wrote to {facts.trap_hits:,} of Microsoft's traps.")]
