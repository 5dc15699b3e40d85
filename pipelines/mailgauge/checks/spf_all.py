"""An SPF record that ends without ~all or -all: it says nothing of all others, and forged mail is not told apart."""

from __future__ import annotations

from mailgauge import spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding
from mailgauge.spf_records import find_all, find_spf, is_one, mend_spf

NAME = "spf_all"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that the end is missing; where a redirect cannot be followed, it is not known."""
    spf = facts.spf
    if not is_one(spf) or find_all(spf.final or spf.text) in ("~", "-", "+"):
        return []
    if spf.problem and "redirect=" in spf.text.lower():
        return []
    value = mend_spf(spf)
    steps = f'End the TXT record at {facts.domain} with ~all: "{value}".'
    return [find_spf(NAME, facts, LOW, "SPF all qualifier is missing.", steps, value)]
