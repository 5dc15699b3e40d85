"""What the headers of an identity's mail say of unsubscribing, as the checks judge it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.rates import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailgauge.mail_facts import IdentityMail

REFERENCES = (
    "https://support.google.com/a/answer/81126",
    "https://senders.yahooinc.com/best-practices/",
    "https://www.rfc-editor.org/rfc/rfc8058",
    "https://docs.aws.amazon.com/ses/latest/dg/sending-email-subscription-management.html",
)
LEAST, BULK = 100, 35_000
"""Recipients in seven days; Gmail calls 5,000 a day bulk."""

_MEANINGS = {
    "https": "a link without one click",
    "mailto": "mail alone",
    "other": "no address of use",
    "none": "no way",
}


def find_unsubscribing(  # noqa: PLR0913 (what a finding says)
    check: str, facts: IdentityMail, found: Mapping[str, int], title: str, remedy: str, *, is_certain: bool = True
) -> list[Finding]:
    """The finding about mail with headers as `found` counts them; HIGH where it is surely asked for, and bulk."""
    many, known = sum(found.values()), facts.headers.known
    if many < LEAST:
        return []
    told = ", ".join(f"{count:,} with {_MEANINGS[name]}" for name, count in found.items() if count)
    by_set = facts.headers.by_set
    sets = [name for name, headers in by_set if name and any(headers.get(one) for one in found)]
    named = f", of the configuration set{'s' if len(sets) > 1 else ''} {', '.join(sets[:5])}" if sets else ""
    return [
        Finding(
            check=check,
            resource=facts.resource,
            kind="header",
            impact=HIGH if is_certain and many >= BULK else LOW,
            title=title,
            evidence={
                "said": f"In seven days {told}: {percent(many / known)} of {known:,} recipients whose headers are "
                f"known{named}.",
                "headers": {**found, "known": known},
            },
            remedy=remedy.format(domain=facts.identity.rpartition("@")[2]),
            reference_urls=REFERENCES,
        )
    ]
