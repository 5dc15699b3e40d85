"""A BIMI logo that is not the one in the mark certificate: receivers that check the certificate show none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_mark"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi", "logo", "certificate")
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that they differ."""
    logo, found = facts.logo, facts.certificate
    if not logo.digest or not found.digest or logo.digest == found.digest:
        return []
    steps = (
        f"Put the very file that the certificate was issued for at {logo.name}, byte for byte, or have the certificate "
        f"at {found.name} issued anew for the logo."
    )
    title = "BIMI logo is not the one in the certificate."
    return [find_bimi(NAME, facts, title, steps, address=logo.name, certificate=found.name)]
