"""Looks at an identity that several tenants send with.

Tenants keep reputations apart; at a mailbox provider the identity's domain is one name, and what one tenant does to it
all of them pay for. Mail whose events name no tenant says nothing: SES does not promise to name it in all of them.
"""

from __future__ import annotations

from mailgauge.findings import LOW, Finding
from mailgauge.mail_facts import IdentityMail

NAME = "tenant_identity"
TOPIC = "Tenants"
FACTS = IdentityMail
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/tenants.html",)
REPLY = ""

SHOWN = 5
_REMEDY = (
    "Give each tenant an identity of its own, such as a subdomain, and associate it with that tenant alone: aws sesv2 "
    "create-tenant-resource-association."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say that an identity is shared."""
    tenants = {name: many for name, many in facts.tenants if name is not None}
    if len(tenants) < 2:  # noqa: PLR2004 (two share)
        return []
    told = ", ".join(f"{many:,} of {name}" for name, many in list(tenants.items())[:SHOWN])
    more = f" and {len(tenants) - SHOWN} more" if len(tenants) > SHOWN else ""
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="shared",
            impact=LOW,
            title=f"{len(tenants)} tenants send with {facts.identity}.",
            evidence={"said": f"Recipients in seven days: {told}{more}.", "tenants": tenants},
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
