"""A domain for which no DMARC record holds, neither its own nor one above it (tree walk of RFC 9989).

Gmail, Yahoo and Microsoft want one of bulk senders.
"""

from __future__ import annotations

from mailgauge import dmarc_records, replies
from mailgauge.dmarc_records import find_dmarc
from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dmarc_missing"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = replies.NO_DMARC


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there is none."""
    if facts.dmarc.state != ABSENT:
        return []
    value = f"v=DMARC1; p=none; rua=mailto:dmarc@{facts.domain}"
    steps = f'Publish a TXT record at _dmarc.{facts.domain}: "{value}".'
    return [find_dmarc(NAME, facts, HIGH, "DMARC configuration was not found.", steps, value)]
