"""Looks at the share of recipients at a mailbox provider who were refused for the sender's reputation or as spam.

A block hits good mail and bad alike, and grows while one goes on.
"""

from __future__ import annotations

from mailgauge import replies
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import ProviderMail
from mailgauge.rates import percent

NAME = "reputation_block"
TOPIC = "Blocks"
FACTS = ProviderMail
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html",)
REPLY = replies.LISTED

LEAST, MINIMUM = 20, 200
LOW_SHARE, HIGH_SHARE = 0.005, 0.02
"""Of the recipients there: our lines, unverified."""

_REMEDY = (
    "See what {isp} says and to whom: `mailgauge metrics permanent_bounce_rate --by identity,bounce_reason --where "
    "isp={isp}`. Stop the mailing that is blocked, ask the provider's postmaster page for delisting when its cause is "
    "mended, and send first to those who open and click. Shared addresses of SES are AWS's to mend: write to Support "
    "with the answers."
)


def check(facts: ProviderMail) -> list[Finding]:
    """Say that much is blocked."""
    if facts.attempts < MINIMUM or facts.blocked < LEAST or facts.blocked < LOW_SHARE * facts.attempts:
        return []
    share = facts.blocked / facts.attempts
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="blocked",
            impact=HIGH if share >= HIGH_SHARE else LOW,
            title=f"{facts.isp} refuses {percent(share)} of your mail for reputation or as spam.",
            evidence={
                "said": f"{facts.blocked:,} of {facts.attempts:,} recipients in seven days.",
                "blocked": facts.blocked,
                "attempts": facts.attempts,
            },
            remedy=_REMEDY.format(isp=facts.isp),
            reference_urls=REFERENCES,
        )
    ]
