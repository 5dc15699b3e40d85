"""A BIMI record whose certificate is not there: the web server says that it has no such file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi
from mailgauge.facts import ABSENT, DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_certificate_gone"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi", "certificate")
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that Gmail and Apple show no logo."""
    found = facts.certificate
    if found.state != ABSENT or not found.name:
        return []
    steps = f"Put the certificates (PEM) at {found.name}, or correct a= of the record at {facts.bimi.name}."
    title = "BIMI certificate is not where the record says."
    return [find_bimi(NAME, facts, title, steps, found.reason, address=found.name)]
