"""Looks at complaints of deliveries to providers that can complain to SES, over seven days, by the day they happened.

AWS reviews an account from 0.1 % and may pause it from 0.5 %; Google and Yahoo ask for less than 0.3 %. Gmail and
Apple never complain to SES: there is no figure of theirs here, which is not 0 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.facts import Traffic
from mailgauge.findings import HIGH, LOW
from mailgauge.lines import Limits, Line, judge_traffic

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "complaint_rate"
TOPIC = "Complaints"
FACTS = Traffic
READS = ("complaints",)
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html",
    "https://docs.aws.amazon.com/ses/latest/dg/vdm-advisor.html",
    "https://support.google.com/a/answer/81126",
    "https://senders.yahooinc.com/best-practices/",
)
REPLY = ""

LINES = (
    Line(0.001, LOW, "AWS puts an account under review from 0.1 %"),
    Line(0.003, HIGH, "Google and Yahoo ask for less than 0.3 %"),
    Line(0.005, HIGH, "AWS may pause an account from 0.5 %"),
)

REMEDY = (
    "Find the mailing: `mailgauge metrics complaint_rate --by identity,configuration_set,isp`. "
    "Stop it to the people who did not ask for it (a new import, a list that slept, an old segment), take "
    "everybody who complained off every list, and give a one-click unsubscribe that holds at once."
)


LIMITS = Limits(NAME, LINES, REMEDY, REFERENCES)


def check(facts: Traffic) -> list[Finding]:
    """Judge the complaint rate."""
    return judge_traffic(facts, facts.complaints, LIMITS)
