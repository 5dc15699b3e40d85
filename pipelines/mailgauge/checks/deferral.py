"""Looks at the share of recipients at a mailbox provider whose mail was delayed, and of those given up after trying.

Delays are how a provider says that it trusts a sender less than the sender believes; they come before blocks.
"""

from __future__ import annotations

from mailgauge import replies
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import ProviderMail
from mailgauge.rates import percent

NAME = "deferral"
TOPIC = "Delays"
FACTS = ProviderMail
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html",)
REPLY = replies.DEFERRED

LEAST, MINIMUM = 20, 500
LOW_SHARE, HIGH_SHARE, EXPIRED_SHARE = 0.10, 0.30, 0.01
"""Of the recipients there: our lines, unverified."""

_REMEDY = (
    "See what {isp} says: `mailgauge reasons`, and `mailgauge metrics deferral_rate --by identity,delay_reason --where "
    "isp={isp}`. Where it is the volume, send more slowly and more evenly; where it is reputation, first to those who "
    "open and click."
)


def check(facts: ProviderMail) -> list[Finding]:
    """Say that much is delayed."""
    if facts.attempts < MINIMUM or facts.delayed < LEAST or facts.delayed < LOW_SHARE * facts.attempts:
        return []
    share, given_up = facts.delayed / facts.attempts, facts.expired / facts.attempts
    reason = f"; most often: {facts.most_delay_reason}" if facts.most_delay_reason else ""
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="delayed",
            impact=HIGH if share >= HIGH_SHARE or given_up >= EXPIRED_SHARE else LOW,
            title=f"{facts.isp} delays {percent(share)} of your mail.",
            evidence={
                "said": f"{facts.delayed:,} of {facts.attempts:,} recipients in seven days; {facts.expired:,} were "
                f"given up{reason}.",
                "delayed": facts.delayed,
                "expired": facts.expired,
                "attempts": facts.attempts,
            },
            remedy=_REMEDY.format(isp=facts.isp),
            reference_urls=REFERENCES,
        )
    ]
