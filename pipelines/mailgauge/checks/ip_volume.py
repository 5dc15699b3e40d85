"""Looks at dedicated IPs (setting `pools`): providers that never got enough in 30 days to keep the address warm.

A receiver forgets an address that it seldom sees, and treats its next campaign as that of a stranger. AWS advises
several hundred to each provider in 24 hours at least once a month; 300 is our reading of it.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from mailgauge.findings import LOW, Finding
from mailgauge.system_facts import SendingIp

NAME = "ip_volume"
TOPIC = "Dedicated IPs"
FACTS = SendingIp
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/dedicated-ip-warming.html",)
REPLY = ""

SPAN_DAYS, STARTING_DAYS = 30, 14
ENOUGH = 300
"""Recipients at a provider on a day."""
SHARE = 0.05
"""Of the address's mail: a provider with less of it is not judged."""

_REMEDY = (
    "Send {address} more of the mail for these providers: put fewer addresses into the pool, or move a steady stream "
    "to it. Where the volume is not there, shared IPs reach them better."
)


def check(facts: SendingIp) -> list[Finding]:
    """Say at which providers the address gets cold."""
    first = facts.until - timedelta(days=SPAN_DAYS - 1)
    if facts.is_new and (facts.until - facts.first_day).days < STARTING_DAYS:
        return []
    sums, best = Counter[str](), Counter[str]()
    for one in facts.days:
        if first <= one.day <= facts.until:
            sums[one.isp] += one.recipients
            best[one.isp] = max(best[one.isp], one.recipients)
    cold = {isp: best[isp] for isp, many in sums.most_common() if many >= SHARE * sums.total() and best[isp] < ENOUGH}
    return [_find(facts, cold)] if cold else []


def _find(facts: SendingIp, cold: dict[str, int]) -> Finding:
    most = ", ".join(f"{many:,} at {isp}" for isp, many in cold.items())
    several = "one provider" if len(cold) == 1 else f"{len(cold)} providers"
    return Finding(
        check=NAME,
        resource=facts.resource,
        kind="cold",
        impact=LOW,
        title=f"{facts.address} sends too little to stay warm at {several}.",
        evidence={
            "said": f"The most on a day of {SPAN_DAYS} were {most}; {ENOUGH} keep an address warm.",
            "best": cold,
        },
        remedy=_REMEDY.format(address=facts.address),
        reference_urls=REFERENCES,
    )
