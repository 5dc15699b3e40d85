"""Reverse DNS as the checks judge it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.findings import HIGH, Finding

if TYPE_CHECKING:
    from mailgauge.facts import AddressAnswers

REFERENCES = (
    "https://support.google.com/a/answer/81126",
    "https://docs.aws.amazon.com/ses/latest/dg/dedicated-ip-byo.html",
    "https://www.rfc-editor.org/rfc/rfc1912",
)
_REMEDY = (
    "Where you brought the range (BYOIP), set a PTR record for {address} at its reverse zone and an address record of "
    "that name which is {address}. Where the address is Amazon's, write to AWS Support with the answers of: "
    "dig +short -x {address}"
)


def find_reverse(check: str, facts: AddressAnswers, title: str) -> Finding:
    """A finding about the name of an address."""
    evidence = {"name": facts.reverse.name, "records": list(facts.reverse.records[:10])}
    remedy = _REMEDY.format(address=facts.address)
    return Finding(check, facts.resource, "ptr", HIGH, title, evidence, remedy, REFERENCES)
