"""An SPF record that leads back to itself: receivers cannot come to an end and take it for none."""

from __future__ import annotations

from mailgauge import replies, spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.spf_records import find_spf

NAME = "spf_loop"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = replies.NO_SPF

_STEPS = "Take out the include or redirect that leads back."


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that receivers give up on it."""
    if facts.spf.problem != "loop":
        return []
    return [find_spf(NAME, facts, HIGH, "SPF record includes itself.", _STEPS)]
