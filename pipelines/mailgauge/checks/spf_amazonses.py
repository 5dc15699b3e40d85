"""An SPF record that does not name Amazon SES: what SES sends for the domain does not pass it."""

from __future__ import annotations

from mailgauge import spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding
from mailgauge.spf_records import LOOK_UP_LIMIT, SES, find_spf, has_room, is_one, mend_spf, names_ses

NAME = "spf_amazonses"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that SES is missing; where there is no room for it, make room first."""
    spf = facts.spf
    if not is_one(spf) or names_ses(spf):
        return []
    value = mend_spf(spf) if has_room(spf) else None
    steps = (
        f'Publish this TXT record at {facts.domain} in place of the one there: "{value}".'
        if value
        else f"Make room below {LOOK_UP_LIMIT} look-ups, then add include:{SES} to the record at {facts.domain}."
    )
    return [find_spf(NAME, facts, LOW, "SPF record for Amazon SES was not found.", steps, value)]
