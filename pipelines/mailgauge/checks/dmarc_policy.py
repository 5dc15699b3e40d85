"""A DMARC policy of none: forged mail of the domain is delivered like its own."""

from __future__ import annotations

import re

from mailgauge import dmarc_records
from mailgauge.dmarc_records import drop_testing, find_dmarc, is_readable, mend_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dmarc_policy"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that nothing is asked for; t=y is judged by itself."""
    dmarc = facts.dmarc
    if not is_readable(dmarc) or dmarc.policy_for(facts.domain) != "none":
        return []
    steps = (
        "Read the aggregate reports until all of your own mail passes, then publish p=quarantine, and p=reject after "
        f"that, in the record at {dmarc.name}. Take out sp=none and t=y where they stand."
    )
    return [find_dmarc(NAME, facts, LOW, "DMARC policy is none.", steps, _raise_policy(facts))]


def _raise_policy(facts: DomainAnswers) -> str:
    """The record with none raised to quarantine where it holds for the domain, and nothing loosened."""
    tag = "p" if facts.domain == facts.dmarc.location or "sp" not in facts.dmarc.tags else "sp"
    if facts.dmarc.tags.get(tag, "none") != "none":  # it is t=y that makes it none
        return drop_testing(mend_dmarc(facts))
    return re.sub(rf"(;\s*{tag}\s*=\s*)none", r"\1quarantine", mend_dmarc(facts), count=1, flags=re.IGNORECASE)
