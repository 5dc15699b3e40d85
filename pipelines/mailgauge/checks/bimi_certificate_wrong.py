"""A mark certificate (VMC, CMC) that receivers refuse: of an unknown authority, for another domain, incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_certificate_wrong"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi", "certificate")
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say why."""
    found = facts.certificate
    if not found.problems:
        return []
    steps = (
        f"Publish at {found.name} the certificate for {facts.domain} with those between it and its authority (PEM, the "
        "domain's own first), and ask the authority that issued it for a new one where it is wrong in itself."
    )
    error = "; ".join(found.problems[:10])
    return [find_bimi(NAME, facts, "BIMI certificate is not valid.", steps, error, address=found.name)]
