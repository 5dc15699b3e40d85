"""An SPF record with more than two look-ups that find nothing: receivers give up on it (RFC 7208, 4.6.4)."""

from __future__ import annotations

from mailgauge import replies, spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.spf_records import find_spf

NAME = "spf_voids"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = replies.NO_SPF

_STEPS = "Take out the terms whose names no longer exist."


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that receivers give up on it."""
    if facts.spf.problem != "voids":
        return []
    return [find_spf(NAME, facts, HIGH, "SPF record has more than 2 look-ups that find nothing.", _STEPS)]
