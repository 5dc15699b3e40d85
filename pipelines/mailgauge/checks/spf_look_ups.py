"""An SPF record that needs more than ten DNS look-ups: receivers give up and take it for none (RFC 7208, 4.6.4)."""

from __future__ import annotations

from mailgauge import replies, spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.spf_records import find_spf

NAME = "spf_look_ups"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = replies.NO_SPF

_STEPS = "Take out includes that no longer send for you, or move senders to subdomains with records of their own."


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that receivers give up on it."""
    if facts.spf.problem != "lookups":
        return []
    return [find_spf(NAME, facts, HIGH, "SPF record needs more than 10 DNS look-ups.", _STEPS)]
