"""A key that allows no SHA-256 (h= without it): SES signs with nothing else, rsa-sha1 is not valid (RFC 8301)."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import each_key, find_dkim, propose_without
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_hash"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which shut SES's signatures out."""
    steps = "Take h= out of the record at {name}, or write h=sha256."
    return [
        propose_without(find_dkim(NAME, facts, key, HIGH, "DKIM key does not allow SHA-256.", steps), key, "h")
        for key, tags in each_key(facts)
        if "h" in tags and "sha256" not in tags["h"].lower().split(":")
    ]
