"""Complaints of an identity's mail at one mailbox provider, over seven days, by the day they happened.

AWS's advisor says the same under this title; it does not publish its lines. Ours are its own for accounts, and
Google's and Yahoo's: low from 0.1 %, med from 0.3 %, high from 0.5 %.
"""

from __future__ import annotations

from mailgauge.facts import ProviderTraffic
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.lines import Line, describe_crossing, find_crossed

NAME = "isp_complaint_rate"
TOPIC = "Complaints"
FACTS = ProviderTraffic
READS = ("complaints",)
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/vdm-advisor.html",
    "https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html",
    "https://senders.yahooinc.com/best-practices/",
)
REPLY = ""

LINES = (
    Line(0.001, LOW, "low: AWS puts an account under review from 0.1 %"),
    Line(0.003, HIGH, "med: Google and Yahoo ask for less than 0.3 %"),
    Line(0.005, HIGH, "high: AWS may pause an account from 0.5 %"),
)
_REMEDY = (
    "Find the mailing: `mailgauge metrics complaint_rate --by configuration_set,subject --where "
    '"identity={identity},isp={isp}"`. Stop it to those who did not ask for it, and take everybody who complained off '
    "every list."
)


def check(facts: ProviderTraffic) -> list[Finding]:
    """Say how high it is."""
    line = find_crossed(facts.complaints, LINES)
    if line is None:
        return []
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind=facts.isp,
            impact=line.impact,
            title=f"{facts.isp} ISP has {line.meaning.partition(':')[0]} complaint rate.",
            evidence=describe_crossing(facts, facts.complaints, line),
            remedy=_REMEDY.format(identity=facts.identity, isp=facts.isp),
            reference_urls=REFERENCES,
        )
    ]
