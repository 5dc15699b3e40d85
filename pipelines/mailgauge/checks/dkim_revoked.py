"""A selector whose key is revoked (an empty p): every signature that names it fails."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import find_dkim, list_keys
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_revoked"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which are revoked."""
    steps = "The key at {name} is revoked (p= is empty): sign with another selector, or publish the key again."
    return [
        find_dkim(NAME, facts, key, HIGH, "DKIM key is revoked.", steps)
        for key in facts.dkim.keys
        if [tags.get("p") for tags in list_keys(key)] == [""]
    ]
