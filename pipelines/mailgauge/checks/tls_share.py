"""Deliveries over connections without TLS to providers that ask for it (Gmail, since 2024): they refuse it."""

from __future__ import annotations

from mailgauge import replies
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import IdentityMail
from mailgauge.rates import percent

NAME = "tls_share"
TOPIC = "TLS"
FACTS = IdentityMail
READS = ()
REFERENCES = (
    "https://support.google.com/a/answer/81126",
    "https://docs.aws.amazon.com/ses/latest/dg/security-protocols.html",
)
REPLY = replies.NO_TLS

LEAST, SHARE, TOLD = 100, 0.01, 0.5
"""Deliveries without TLS and their share; of all, so many must tell a version, else events do not say it."""
_REMEDY = (
    "Let SES deliver over TLS alone: aws sesv2 put-configuration-set-delivery-options --configuration-set-name SET "
    "--tls-policy REQUIRE. What a server without TLS was to get then bounces, and shows which servers these are: "
    "`mailgauge metrics tls_share --by isp,recipient_domain`."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many went in the clear."""
    clear = facts.rule_deliveries - facts.rule_tls_deliveries
    if (
        clear < LEAST
        or clear < SHARE * facts.rule_deliveries
        or facts.rule_tls_deliveries < TOLD * facts.rule_deliveries
    ):
        return []
    share = percent(clear / facts.rule_deliveries)
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="clear",
            impact=HIGH if clear >= 10 * SHARE * facts.rule_deliveries else LOW,
            title=f"{share} of the mail of {facts.identity} to providers that ask for TLS went without.",
            evidence={"said": f"{clear:,} of {facts.rule_deliveries:,} deliveries there in seven days."},
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
