"""A DMARC record with tags that RFC 9989 took out: pct, rf, ri. An old pct=25 now means all mail."""

from __future__ import annotations

from mailgauge import dmarc_records
from mailgauge.dmarc_records import find_dmarc, find_obsolete, is_readable, mend_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dmarc_obsolete_tags"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which are there."""
    tags = find_obsolete(facts.dmarc.text)
    if not tags or not is_readable(facts.dmarc):
        return []
    steps = f"Take {', '.join(tags)} out of the record at {facts.dmarc.name}: receivers ignore them since RFC 9989."
    if "pct" in tags:
        steps += " The policy now holds for all mail, whatever pct says; to soften it while you test, use t=y."
    return [find_dmarc(NAME, facts, LOW, "DMARC record has obsolete tags.", steps, mend_dmarc(facts))]
