"""A BIMI record without a certificate (a=): Gmail and Apple show no logo without one, others do.

A VMC is for a registered trade mark, a CMC for a logo that has been in use for a year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi, parse_usable
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_certificate"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi",)
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there is none."""
    tags = parse_usable(facts.bimi)
    if not tags or tags.get("a") or tags.get("avp") == "personal":
        return []
    steps = (
        "Where the logo shall show at Gmail and Apple, get a Verified Mark Certificate (VMC) or a Common Mark "
        f"Certificate (CMC) and name its address in a= of the record at {facts.bimi.name}."
    )
    return [find_bimi(NAME, facts, "BIMI record has no certificate: Gmail and Apple show no logo.", steps)]
