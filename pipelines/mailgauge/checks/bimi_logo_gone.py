"""A BIMI record whose logo is not there: the web server says that it has no such file (404 or 410)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi
from mailgauge.facts import ABSENT, DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_logo_gone"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi", "logo")
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that nothing can be shown."""
    logo = facts.logo
    if logo.state != ABSENT or not logo.name:
        return []
    steps = f"Put the logo at {logo.name}, or correct l= of the record at {facts.bimi.name}."
    return [find_bimi(NAME, facts, "BIMI logo is not where the record says.", steps, logo.reason, address=logo.name)]
