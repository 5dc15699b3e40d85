"""A mark certificate that has expired, expires within 30 days, or is not valid yet: the logo goes with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mailgauge import bimi_records
from mailgauge.bimi_records import find_bimi
from mailgauge.facts import DomainAnswers

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "bimi_certificate_dates"
TOPIC = "BIMI"
FACTS = DomainAnswers
READS = ("bimi", "certificate")
REFERENCES = bimi_records.REFERENCES
REPLY = ""

NOTICE = timedelta(days=30)
"""An authority takes some weeks to renew a certificate."""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say until when it holds, or held."""
    found = facts.certificate
    if not found.read_at or not found.starts or not found.expires:
        return []
    if found.starts > found.read_at:
        title, error = "BIMI certificate is not valid yet.", f"valid from {found.starts:%Y-%m-%d}"
    elif found.expires <= found.read_at:
        title, error = "BIMI certificate has expired.", f"expired on {found.expires:%Y-%m-%d}"
    elif found.expires <= found.read_at + NOTICE:
        title, error = "BIMI certificate expires soon.", f"expires on {found.expires:%Y-%m-%d}"
    else:
        return []
    steps = f"Have the certificate renewed by its authority, and put the new one at {found.name}."
    return [find_bimi(NAME, facts, title, steps, error, address=found.name)]
