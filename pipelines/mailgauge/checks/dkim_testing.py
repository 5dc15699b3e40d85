"""A key in testing mode (t=y): receivers may treat signed mail as if it were not signed (RFC 6376, 3.6.1)."""

from __future__ import annotations

from mailgauge import dkim_keys
from mailgauge.dkim_keys import each_key, find_bits, find_dkim, propose_without
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dkim_testing"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which are."""
    steps = "Take t=y out of the record at {name}: receivers may treat signed mail as unsigned while it is there."
    return [
        propose_without(find_dkim(NAME, facts, key, LOW, "DKIM record is in testing mode.", steps), key, "t")
        for key, tags in each_key(facts)
        if find_bits(tags) is not None and "y" in tags.get("t", "").lower().split(":")
    ]
