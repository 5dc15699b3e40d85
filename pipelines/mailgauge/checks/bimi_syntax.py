"""A BIMI record that nobody can read: not v=BIMI1 first, several, a tag twice, an address that is not https."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import explain_malformed, find_bimi
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_syntax"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi",)
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say what is wrong with it."""
    bimi = facts.bimi
    error = "there are several records" if len(bimi.records) > 1 else explain_malformed(bimi.text)
    if not bimi.records or not error:
        return []
    example = f"v=BIMI1; l=https://{facts.domain}/logo.svg; a="
    steps = f'Correct the TXT record at {bimi.name}; it reads like "{example}".'
    return [find_bimi(NAME, facts, "BIMI has malformed TXT record.", steps, error)]
