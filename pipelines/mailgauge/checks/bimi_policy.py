"""A BIMI record without the DMARC policy that it takes: quarantine or reject, for organisation and subdomains too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi, is_enforced, parse_usable
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_policy"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi", "dmarc")
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that the logo is not shown."""
    if not parse_usable(facts.bimi) or is_enforced(facts.dmarc, facts.domain):
        return []
    steps = (
        "Receivers show the logo once DMARC asks for quarantine or reject, without sp=none or t=y: bring the policy "
        f"there step by step (record at {facts.dmarc.name})."
    )
    return [find_bimi(NAME, facts, "BIMI needs a DMARC policy of quarantine or reject.", steps)]
