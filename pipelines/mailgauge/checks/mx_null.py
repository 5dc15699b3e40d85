"""A domain that sends mail and says that it takes none (null MX): receivers may refuse its mail (RFC 7505, 4.2)."""

from __future__ import annotations

from mailgauge import exchange
from mailgauge.exchange import find_exchange
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "mx_null"
TOPIC = "MX"
FACTS = DomainAnswers
READS = ("mx",)
REFERENCES = exchange.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that it takes no mail."""
    if not any(record.split()[-1] == "." for record in facts.mx.records):
        return []
    return [find_exchange(NAME, facts, LOW, f"{facts.domain} says that it takes no mail (null MX).")]
