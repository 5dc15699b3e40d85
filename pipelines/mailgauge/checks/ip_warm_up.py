"""Looks at new dedicated IPs (setting `pools`): days of the last seven on which a provider got far more than before.

Receivers slow down or block an address that grows faster than its reputation. AWS publishes no daily steps for the 45
days of a warm-up: that a day with over 1,000 should not be more than twice the best before is our rule, unverified.
"""

from __future__ import annotations

from datetime import timedelta

from mailgauge import replies
from mailgauge.findings import LOW, Finding
from mailgauge.system_facts import IpDay, SendingIp

NAME = "ip_warm_up"
TOPIC = "Dedicated IPs"
FACTS = SendingIp
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/dedicated-ip-warming.html",)
REPLY = replies.TOO_MUCH

WARM_UP_DAYS, RECENT_DAYS = 45, 7
FREE, TIMES = 1000, 2

_REMEDY = (
    "Hold {address} at the volume it had before for a few days, send the rest by addresses that are warm, then at most "
    "double it from day to day. Begin with the recipients who open and click most."
)


def check(facts: SendingIp) -> list[Finding]:
    """Say where the address grows too fast."""
    fast = [one for one in facts.days if facts.is_new and _is_fast(facts, one)]
    return [_find(facts, fast)] if fast else []


def _is_fast(facts: SendingIp, one: IpDay) -> bool:
    is_recent = facts.until - timedelta(days=RECENT_DAYS) < one.day <= facts.until
    is_warming = (one.day - facts.first_day).days < WARM_UP_DAYS
    return is_recent and is_warming and one.recipients > max(FREE, TIMES * (one.best_before or 0))


def _find(facts: SendingIp, fast: list[IpDay]) -> Finding:
    worst = max(fast, key=lambda one: one.recipients - (one.best_before or 0))
    before = (
        f"the most before were {worst.best_before:,}" if worst.best_before else "it had sent there on no day before"
    )
    return Finding(
        check=NAME,
        resource=facts.resource,
        kind="fast",
        impact=LOW,
        title=f"{facts.address} is warming up too fast at {worst.isp}.",
        evidence={
            "said": f"On {worst.day} it sent {worst.recipients:,} there; {before}.",
            "days": [[one.day.isoformat(), one.isp, one.recipients, one.best_before] for one in fast],
        },
        remedy=_REMEDY.format(address=facts.address),
        reference_urls=REFERENCES,
    )
