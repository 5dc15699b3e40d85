"""An SPF record that cannot be parsed, or that includes one: receivers take it for none (RFC 7208, 4.6)."""

from __future__ import annotations

from mailgauge import replies, spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.spf_records import find_spf

NAME = "spf_syntax"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = replies.ODD_SPF

_STEPS = "Correct the record as the error says; every include must have an SPF record of its own."


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that receivers give up on it."""
    if facts.spf.problem != "syntax":
        return []
    return [find_spf(NAME, facts, HIGH, "SPF configuration could not be parsed.", _STEPS)]
