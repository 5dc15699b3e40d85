"""A key of fewer than 1024 bits: receivers must not take such a signature for valid (RFC 8301, 3.2)."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import NEW_KEY, SHORTEST_BITS, each_key, find_bits, find_dkim, propose_long_key
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_too_short"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which are too short."""
    title = f"DKIM signing key length is below {SHORTEST_BITS} bits."
    return [
        propose_long_key(find_dkim(NAME, facts, key, HIGH, title, NEW_KEY, bits=bits), facts, key)
        for key, tags in each_key(facts)
        if (bits := find_bits(tags)) is not None and bits < SHORTEST_BITS
    ]
