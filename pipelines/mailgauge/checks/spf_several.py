"""A domain with several SPF records: receivers take that for an error and for none (RFC 7208, 4.5)."""

from __future__ import annotations

from mailgauge import replies, spf_records
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.spf_records import find_spf

NAME = "spf_several"
TOPIC = "SPF"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = spf_records.REFERENCES
REPLY = replies.NO_SPF


def check(facts: DomainAnswers) -> list[Finding]:
    """Say how many there are."""
    many = len(facts.spf.records)
    if many < 2:  # noqa: PLR2004 (one is right)
        return []
    steps = f"Merge the {many} records that start with v=spf1 into one, and delete the others."
    return [find_spf(NAME, facts, HIGH, "Several SPF records were found.", steps)]
