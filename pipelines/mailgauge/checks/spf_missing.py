"""A domain without an SPF record: receivers cannot tell who may send for it.

Gmail, Yahoo and Microsoft want SPF and DKIM of bulk senders.
"""

from __future__ import annotations

from mailgauge import replies, spf_records
from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.spf_records import SES, find_spf

NAME = "spf_missing"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = replies.NO_SPF


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there is none."""
    if facts.spf.state != ABSENT:
        return []
    value = f"v=spf1 include:{SES} ~all"
    steps = f'Publish a TXT record at {facts.domain}: "{value}".'
    return [find_spf(NAME, facts, HIGH, "SPF record was not found.", steps, value)]
