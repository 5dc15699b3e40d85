"""An SPF record with the term ptr: slow, unreliable, not to be used (RFC 7208, 5.5); some receivers pass over it."""

from __future__ import annotations

import re

from mailgauge import spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding
from mailgauge.spf_records import find_spf, is_one

NAME = "spf_ptr"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that it is there."""
    if not is_one(facts.spf) or not re.search(r"\s[-+~?]?ptr([:/\s]|$)", facts.spf.text, re.IGNORECASE):
        return []
    steps = f"Name the servers by ip4, ip6, a or include in the record at {facts.domain}, and take ptr out."
    return [find_spf(NAME, facts, LOW, "SPF record uses ptr, which receivers may ignore.", steps)]
