"""A domain without a BIMI record under the default selector: mailbox providers show no logo of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi
from mailgauge.facts import ABSENT, DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_missing"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi",)
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there is none."""
    bimi = facts.bimi
    if bimi.state != ABSENT:
        return []
    title = "BIMI record not found or configured without default selector."
    steps = f'Publish a TXT record at {bimi.name}: "v=BIMI1; l=https://{facts.domain}/logo.svg; a=" with your logo.'
    return [find_bimi(NAME, facts, title, steps)]
