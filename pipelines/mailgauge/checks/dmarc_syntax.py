"""A DMARC record that cannot be parsed, or says neither what to do nor where to report: receivers discard it."""

from __future__ import annotations

from mailgauge import dmarc_records, replies
from mailgauge.dmarc_records import find_dmarc, is_readable
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dmarc_syntax"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = replies.NO_DMARC


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that it is discarded."""
    dmarc = facts.dmarc
    if not dmarc.records or dmarc.problem == "several" or is_readable(dmarc):
        return []
    example = f"v=DMARC1; p=none; rua=mailto:dmarc@{facts.domain}"
    steps = f'Correct the TXT record at {dmarc.name}; it reads like "{example}".'
    return [find_dmarc(NAME, facts, HIGH, "DMARC configuration could not be parsed.", steps)]
