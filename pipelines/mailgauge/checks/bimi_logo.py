"""A BIMI logo that receivers refuse: not SVG Tiny P/S, larger than 32 KB, with scripts, links or bitmaps in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_logo"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi", "logo")
REFERENCES = bimi_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say what is wrong with it."""
    logo = facts.logo
    if not logo.problems:
        return []
    steps = (
        f"Export the logo at {logo.name} as SVG Tiny Portable/Secure: version 1.2, baseProfile tiny-ps, a title, "
        "square, drawn shapes alone, at most 32 KB."
    )
    error = "; ".join(logo.problems[:10])
    return [find_bimi(NAME, facts, "BIMI logo is not one that receivers show.", steps, error, address=logo.name)]
