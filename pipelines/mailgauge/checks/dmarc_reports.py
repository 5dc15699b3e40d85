"""A DMARC record that asks for no aggregate reports: nobody sees who sends in the domain's name, or what fails."""

from __future__ import annotations

from mailgauge import dmarc_records
from mailgauge.dmarc_records import find_dmarc, is_readable, mend_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dmarc_reports"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there is no rua."""
    dmarc = facts.dmarc
    if not is_readable(dmarc) or "rua" in dmarc.tags:
        return []
    steps = f"Add rua=mailto:dmarc@{dmarc.location} (a mailbox that you read) to the record at {dmarc.name}."
    title = "DMARC record asks for no aggregate reports."
    return [find_dmarc(NAME, facts, LOW, title, steps, mend_dmarc(facts))]
