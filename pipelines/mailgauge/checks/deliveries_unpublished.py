"""A configuration set that publishes no Delivery events: mail seems to arrive nowhere, complaints have no rate."""

from __future__ import annotations

from mailgauge import event_publishing
from mailgauge.event_publishing import MUCH, find_unpublished
from mailgauge.findings import HIGH, Finding
from mailgauge.mail_facts import SetEvents

NAME = "deliveries_unpublished"
TOPIC = "Event publishing"
FACTS = SetEvents
READS = ()
REFERENCES = event_publishing.REFERENCES
REPLY = ""


def check(facts: SetEvents) -> list[Finding]:
    """Say how many were sent to."""
    if facts.deliveries or facts.sends < MUCH:
        return []
    said = f"{facts.sends:,} recipients were sent to and not one Delivery came."
    return [find_unpublished(NAME, facts, "DELIVERY", HIGH, said)]
