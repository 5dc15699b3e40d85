"""Looks at mail that SES could not render: a template and the data for it do not fit each other.

SES took the call and sent nothing; whoever waits for the mail waits for ever.
"""

from __future__ import annotations

from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import IdentityMail

NAME = "rendering_failure"
TOPIC = "Content"
FACTS = IdentityMail
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html",)
REPLY = ""

LEAST, SHARE = 10, 0.01
"""Recipients, and the share of all from which on it is HIGH."""

_REMEDY = (
    "See which templates and why: `mailgauge metrics rendering_failures --by template` and `mailgauge trace` of one "
    "message. Try the template with the data: aws sesv2 test-render-email-template."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many never got their mail."""
    if facts.rendering_failures < LEAST:
        return []
    tried = facts.sends + facts.rendering_failures
    is_much = facts.rendering_failures >= SHARE * tried
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="failed",
            impact=HIGH if is_much else LOW,
            title=f"SES could not render mail of {facts.identity}.",
            evidence={
                "said": f"{facts.rendering_failures:,} of {tried:,} recipients in seven days got nothing.",
                "rendering_failures": facts.rendering_failures,
                "tried": tried,
            },
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
