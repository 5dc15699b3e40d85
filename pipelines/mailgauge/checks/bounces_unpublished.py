"""A configuration set that publishes no Bounce events: all looks well, and bad addresses stay on the lists."""

from __future__ import annotations

from mailgauge import event_publishing
from mailgauge.event_publishing import EXPECTED, expect, find_unpublished, say_expected
from mailgauge.findings import HIGH, Finding
from mailgauge.mail_facts import SetEvents

NAME = "bounces_unpublished"
TOPIC = "Event publishing"
FACTS = SetEvents
READS = ()
REFERENCES = event_publishing.REFERENCES
REPLY = ""


def check(facts: SetEvents) -> list[Finding]:
    """Say how many there would be."""
    many = expect(facts.others_bounces, facts.others_sends, facts.sends + facts.sends_unseen)
    if facts.bounces or many < EXPECTED:
        return []
    return [find_unpublished(NAME, facts, "BOUNCE", HIGH, say_expected(many))]
