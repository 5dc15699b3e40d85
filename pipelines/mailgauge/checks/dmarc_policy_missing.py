"""A DMARC record without p: receivers take it for p=none as long as it names where to report (RFC 9989)."""

from __future__ import annotations

from mailgauge import dmarc_records
from mailgauge.dmarc_records import find_dmarc, is_readable, mend_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dmarc_policy_missing"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that the policy is left to the reader."""
    dmarc = facts.dmarc
    if not is_readable(dmarc) or "p" in dmarc.tags:
        return []
    value = mend_dmarc(facts).replace("v=DMARC1", "v=DMARC1; p=none", 1)
    steps = f'Say what you ask for in the record at {dmarc.name}: "{value}" changes nothing.'
    return [find_dmarc(NAME, facts, LOW, "DMARC record has no policy (p).", steps, value)]
