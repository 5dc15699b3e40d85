"""A configuration set that publishes no Send events: what it sends has no denominator, and no rate is right."""

from __future__ import annotations

from mailgauge import event_publishing
from mailgauge.event_publishing import MUCH, find_unpublished
from mailgauge.findings import HIGH, Finding
from mailgauge.mail_facts import SetEvents

NAME = "sends_unpublished"
TOPIC = "Event publishing"
FACTS = SetEvents
READS = ()
REFERENCES = event_publishing.REFERENCES
REPLY = ""


def check(facts: SetEvents) -> list[Finding]:
    """Say how many were told of in another way."""
    if facts.sends or facts.sends_unseen < MUCH:
        return []
    said = f"{facts.sends_unseen:,} recipients were told of whose Send never came."
    return [find_unpublished(NAME, facts, "SEND", HIGH, said)]
