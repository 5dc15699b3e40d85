"""An SPF record one look-up before the limit of ten: the next change of anybody in it breaks it."""

from __future__ import annotations

from mailgauge import spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding
from mailgauge.spf_records import LOOK_UP_LIMIT, find_spf, is_one

NAME = "spf_room"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that nothing more goes in."""
    spf = facts.spf
    if not is_one(spf) or spf.problem or spf.dns_lookups != LOOK_UP_LIMIT:
        return []
    steps = "Take out includes that no longer send for you: an include that grows by one look-up breaks the record."
    title = f"SPF record uses all {LOOK_UP_LIMIT} DNS look-ups that it may."
    return [find_spf(NAME, facts, LOW, title, steps)]
