"""An SPF record that ends with +all: it says that anybody in the world may send for the domain."""

from __future__ import annotations

from mailgauge import replies, spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.spf_records import find_all, find_spf, is_one, mend_spf

NAME = "spf_pass_all"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = replies.ODD_SPF


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that everybody may send."""
    spf = facts.spf
    if not is_one(spf) or find_all(spf.final or spf.text) != "+":
        return []
    value = mend_spf(spf)
    steps = f'Replace +all by ~all in the TXT record at {facts.domain}: "{value}".'
    return [find_spf(NAME, facts, HIGH, "SPF record lets everyone send.", steps, value)]
