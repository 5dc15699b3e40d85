"""A selector with several keys: which of them a receiver takes is chance (RFC 6376, 3.6.2.2)."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import find_dkim, list_keys
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_several"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which have more than one."""
    steps = "Delete all but the record that SES signs with at {name}."
    return [
        find_dkim(NAME, facts, key, HIGH, "Several DKIM records were found for one selector.", steps)
        for key in facts.dkim.keys
        if len(list_keys(key)) > 1
    ]
