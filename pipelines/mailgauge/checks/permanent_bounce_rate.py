"""Looks at permanent bounces of the recipients that SES tried to deliver to, over seven days of sending.

It is the rate that AWS counts: healthy below 2 %, a review from 5 %, and from 10 % it may pause the account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.facts import Traffic
from mailgauge.findings import HIGH, LOW
from mailgauge.lines import Limits, Line, judge_traffic

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "permanent_bounce_rate"
TOPIC = "Bounces"
FACTS = Traffic
READS = ("permanent_bounces",)
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html",
    "https://docs.aws.amazon.com/ses/latest/dg/reputation-dashboard-dg.html",
)
REPLY = ""

LINES = (
    Line(0.02, LOW, "AWS calls less than 2 % healthy"),
    Line(0.05, HIGH, "AWS puts an account under review from 5 %"),
    Line(0.10, HIGH, "AWS may pause an account from 10 %"),
)

REMEDY = (
    "Find the mailing: `mailgauge metrics permanent_bounce_rate --by identity,configuration_set,isp`. "
    "Take addresses that bounced permanently off every list, turn on the account-level suppression list for bounces, "
    "and confirm new addresses (double opt-in) or have SES validate them before mailing an old or imported list."
)


LIMITS = Limits(NAME, LINES, REMEDY, REFERENCES)


def check(facts: Traffic) -> list[Finding]:
    """Judge the permanent bounce rate."""
    return judge_traffic(facts, facts.permanent_bounces, LIMITS)
