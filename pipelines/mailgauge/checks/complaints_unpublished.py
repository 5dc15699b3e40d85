"""A configuration set that publishes no Complaint events: nobody hears of them until AWS writes."""

from __future__ import annotations

from mailgauge import event_publishing
from mailgauge.event_publishing import EXPECTED, expect, find_unpublished, say_expected
from mailgauge.findings import LOW, Finding
from mailgauge.mail_facts import SetEvents

NAME = "complaints_unpublished"
TOPIC = "Event publishing"
FACTS = SetEvents
READS = ()
REFERENCES = event_publishing.REFERENCES
REPLY = ""


def check(facts: SetEvents) -> list[Finding]:
    """Say how many there would be."""
    many = expect(facts.others_complaints, facts.others_feedback_deliveries, facts.feedback_deliveries)
    if facts.complaints or many < EXPECTED:
        return []
    return [find_unpublished(NAME, facts, "COMPLAINT", LOW, say_expected(many))]
