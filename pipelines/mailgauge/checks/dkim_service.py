"""A key that is not for mail (s= without email or *): signatures of mail that name it fail (RFC 6376, 3.6.1)."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import each_key, find_dkim, propose_without
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_service"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which are for something else."""
    steps = "Take s= out of the record at {name}, or write s=email."
    return [
        propose_without(find_dkim(NAME, facts, key, HIGH, "DKIM key is not for mail.", steps), key, "s")
        for key, tags in each_key(facts)
        if "s" in tags and not {"email", "*"} & set(tags["s"].lower().split(":"))
    ]
