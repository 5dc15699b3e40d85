"""A key of fewer than 2048 bits: valid, but not what signers should use (RFC 8301); AWS's advisor asks for 2048."""

from __future__ import annotations

from mailgauge import dkim_keys
from mailgauge.dkim_keys import NEW_KEY, SHORTEST_BITS, WANTED_BITS, each_key, find_bits, find_dkim, propose_long_key
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dkim_length"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which are short."""
    title = f"DKIM signing key length is below {WANTED_BITS} bits."
    return [
        propose_long_key(find_dkim(NAME, facts, key, LOW, title, NEW_KEY, bits=bits), facts, key)
        for key, tags in each_key(facts)
        if (bits := find_bits(tags)) is not None and SHORTEST_BITS <= bits < WANTED_BITS
    ]
