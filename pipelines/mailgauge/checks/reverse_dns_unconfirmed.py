"""A dedicated IP (setting `pools`) whose name (PTR) does not lead back to it: to receivers it is as good as none."""

from __future__ import annotations

from mailgauge import replies, reverse
from mailgauge.facts import ABSENT, AddressAnswers, NotCheckedError
from mailgauge.findings import Finding, plain
from mailgauge.reverse import find_reverse

NAME = "reverse_dns_unconfirmed"
TOPIC = "Reverse DNS"
FACTS = AddressAnswers
READS = ("reverse",)
REFERENCES = reverse.REFERENCES
REPLY = replies.NO_REVERSE_DNS


def check(facts: AddressAnswers) -> list[Finding]:
    """Say where the names lead."""
    if facts.reverse.state == ABSENT or facts.is_confirmed:
        return []
    if facts.gap:
        raise NotCheckedError(facts.gap)
    names = ", ".join(plain(name, 100) for name in facts.reverse.records[:3])
    return [find_reverse(NAME, facts, f"The reverse DNS of {facts.address} does not lead back to it: {names}.")]
