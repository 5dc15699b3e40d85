"""What Outlook's filters made of an IP address (SNDS): YELLOW from a tenth of spam on, RED from nine tenths."""

from __future__ import annotations

from mailgauge import snds
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.postmaster_facts import SndsWord
from mailgauge.snds import find_snds

NAME = "snds_filter"
TOPIC = "SNDS"
FACTS = SndsWord
READS = ()
REFERENCES = snds.REFERENCES
REPLY = ""


def check(facts: SndsWord) -> list[Finding]:
    """Say that it is not green."""
    if facts.filter_result not in ("YELLOW", "RED"):
        return []
    impact = HIGH if facts.filter_result == "RED" else LOW
    title = f"Outlook's filters call the mail of {facts.address} {facts.filter_result.lower()}."
    return [find_snds(NAME, facts, "filter", impact, title)]
