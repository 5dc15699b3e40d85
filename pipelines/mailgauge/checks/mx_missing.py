"""A domain that mail is sent from and that can take none: no MX record, and no address that stands for one.

Replies, bounces of other servers and unsubscriptions by mail go there; some receivers refuse what cannot be
answered.
"""

from __future__ import annotations

from mailgauge import exchange
from mailgauge.exchange import find_exchange
from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "mx_missing"
TOPIC = "MX"
FACTS = DomainAnswers
READS = ("mx",)
REFERENCES = exchange.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that the domain cannot be answered."""
    if facts.mx.state != ABSENT:
        return []
    return [find_exchange(NAME, facts, LOW, f"{facts.domain} can take no mail: it has neither MX nor address.")]
