"""A domain whose mail exchangers have no address, all or some of them: mail to it waits, or comes back after days."""

from __future__ import annotations

from mailgauge import exchange
from mailgauge.exchange import find_exchange
from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "mx_dead"
TOPIC = "MX"
FACTS = DomainAnswers
READS = ("mx", "exchangers")
REFERENCES = exchange.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which have none."""
    dead = [answer.name for answer in facts.exchangers.answers if answer.state == ABSENT]
    if not dead:
        return []
    title = f"Mail exchangers of {facts.domain} have no address: {', '.join(dead[:3])}."
    return [find_exchange(NAME, facts, LOW, title)]
