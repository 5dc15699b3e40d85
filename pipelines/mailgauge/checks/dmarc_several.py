"""A name with several DMARC records: receivers discard them all (RFC 9989)."""

from __future__ import annotations

from mailgauge import dmarc_records, replies
from mailgauge.dmarc_records import find_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dmarc_several"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = replies.NO_DMARC


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there are several."""
    if facts.dmarc.problem != "several":
        return []
    steps = f"Delete all DMARC records at {facts.dmarc.name} but one: receivers discard several."
    return [find_dmarc(NAME, facts, HIGH, "Several DMARC records were found.", steps)]
