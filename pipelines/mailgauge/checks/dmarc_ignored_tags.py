"""A DMARC record below the organisation's own whose sp counts for nothing: it is read at the organisation alone."""

from __future__ import annotations

from mailgauge import dmarc_records
from mailgauge.dmarc_records import find_dmarc, is_readable
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dmarc_ignored_tags"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that sp is not read there."""
    dmarc = facts.dmarc
    is_below = facts.organisation and dmarc.location.endswith(f".{facts.organisation}")
    if not is_below or "sp" not in dmarc.tags or "psd" in dmarc.tags or not is_readable(dmarc):
        return []
    steps = f"Write sp into the record at _dmarc.{facts.organisation}, and take it out of the one at {dmarc.name}."
    return [find_dmarc(NAME, facts, LOW, "DMARC record has an sp that nobody reads.", steps)]
