"""Looks at the reverse DNS of the dedicated IPs in `pools`: a name (PTR) that leads back to the address.

Gmail, Yahoo and Microsoft refuse mail from an address without one (Gmail 5.7.25). Amazon SES keeps the names of its own
addresses; yours to set are those of a range that you brought (BYOIP).
"""

from __future__ import annotations

from mailgauge.facts import ABSENT, AddressAnswers, NotCheckedError
from mailgauge.findings import HIGH, Finding, plain

NAME = "reverse_dns"
FACTS = AddressAnswers
READS = ("reverse",)
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


def check(facts: AddressAnswers) -> list[Finding]:
    """Judge the name of an address."""
    if facts.reverse.state == ABSENT:
        return [_find(facts, "missing", f"{facts.address} has no reverse DNS (PTR).")]
    if facts.is_confirmed:
        return []
    if facts.gap:
        raise NotCheckedError(facts.gap)
    names = ", ".join(plain(name, 100) for name in facts.reverse.records[:3])
    return [_find(facts, "unconfirmed", f"The reverse DNS of {facts.address} does not lead back to it: {names}.")]


def _find(facts: AddressAnswers, kind: str, title: str) -> Finding:
    return Finding(
        check=NAME,
        resource=facts.resource,
        kind=kind,
        impact=HIGH,
        title=title,
        evidence={"name": facts.reverse.name, "records": list(facts.reverse.records[:10])},
        remedy=_REMEDY.format(address=facts.address),
        reference_urls=REFERENCES,
    )
