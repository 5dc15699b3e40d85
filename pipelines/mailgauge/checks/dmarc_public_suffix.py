"""A DMARC record that calls the domain a public suffix (psd=y): then it is not the organisation of what is below it.

Registries alone write that; what is sent from below such a name is not aligned with it (RFC 9989).
"""

from __future__ import annotations

import re

from mailgauge import dmarc_records, replies
from mailgauge.dmarc_records import find_dmarc, is_readable, mend_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dmarc_public_suffix"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = replies.NOT_ALIGNED


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that it is there."""
    dmarc = facts.dmarc
    if not is_readable(dmarc) or dmarc.tags.get("psd") != "y" or dmarc.location != facts.domain:
        return []
    value = re.sub(r";\s*psd\s*=\s*y(?=\s*(;|$))", "", mend_dmarc(facts), flags=re.IGNORECASE)
    steps = f"Take psd=y out of the record at {dmarc.name}: it is for the operators of public suffixes."
    return [find_dmarc(NAME, facts, HIGH, "DMARC record says that the domain is a public suffix.", steps, value)]
