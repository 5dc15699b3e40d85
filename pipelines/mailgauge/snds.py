"""Findings about what Microsoft's SNDS says of an IP address; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.findings import Finding

if TYPE_CHECKING:
    from mailgauge.postmaster_facts import SndsWord

REFERENCES = ("https://sendersupport.olc.protection.outlook.com/snds/FAQ.aspx",)
_REMEDY = (
    "Send from this address only to those who opened or clicked within 90 days until SNDS is green again, and take off "
    "imported and old lists. `mailgauge systems snds` shows it day by day beside the complaints that SES tells of."
)


def find_snds(check: str, facts: SndsWord, kind: str, impact: str, title: str) -> Finding:
    """A finding about an address."""
    told = f"filter {facts.filter_result or 'not told'}, complaints {facts.complaint_rate or 'not told'}"
    return Finding(
        check=check,
        resource=facts.resource,
        kind=kind,
        impact=impact,
        title=title,
        evidence={
            "said": f"Microsoft's numbers, of {facts.newest}: {told}; {facts.trap_hits:,} trap hits in seven days, and "
            f"{facts.recipients:,} recipients at Outlook.",
        },
        remedy=_REMEDY,
        reference_urls=REFERENCES,
    )
