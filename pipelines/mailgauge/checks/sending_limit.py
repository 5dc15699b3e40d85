"""Looks at how much of its sending limits an account used: the most in any 24 hours of 30 days, the peak second of two.

SES throttles what is over the rate and refuses what is over the daily quota, for all mail of the account in that
region. The quotas are those of the settings (limits): without one, nothing is said.
"""

from __future__ import annotations

from mailgauge.facts import NotCheckedError
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.rates import percent
from mailgauge.system_facts import LimitUse

NAME = "sending_limit"
TOPIC = "Sending limits"
FACTS = LimitUse
READS = ()
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html",
    "https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-request-increase.html",
)
REPLY = ""

NEAR, FULL = 0.8, 1.0
SOON_DAYS = 14

_REMEDY = (
    "Ask for more in good time: Service Quotas, Amazon Simple Email Service, region {region}. "
    "Until then spread the mail: send what can wait in the hours that are idle, and slow the senders that peak."
)


def check(facts: LimitUse) -> list[Finding]:
    """Say which limit is near or reached."""
    if facts.quota_day is None and facts.quota_second is None:
        raise NotCheckedError(f"no quota is set (limits.{facts.region})")
    return [*_judge_day(facts), *_judge_second(facts)]


def _judge_day(facts: LimitUse) -> list[Finding]:
    if facts.quota_day is None:
        return []
    used = facts.used_day or 0.0
    title = f"{percent(used)} of the daily quota were used in 24 hours"
    said = f"The most in 24 hours were {facts.peak_24_hours:,} recipients; the quota is {facts.quota_day:,}."
    if used >= NEAR:
        return [_find(facts, "day", HIGH if used >= FULL else LOW, title, said)]
    if facts.days_until is not None and facts.days_until < SOON_DAYS:
        title = f"the daily quota is reached in {facts.days_until} days if the trend holds"
        return [_find(facts, "day", LOW, title, said)]
    return []


def _judge_second(facts: LimitUse) -> list[Finding]:
    used = facts.used_second or 0.0
    if used < NEAR:
        return []
    title = f"{percent(used)} of the sending rate were used in one second"
    said = f"The most in one second were {facts.peak_second:,} recipients; the quota is {facts.quota_second:,g}."
    return [_find(facts, "second", HIGH if used > FULL else LOW, title, said)]


def _find(facts: LimitUse, kind: str, impact: str, title: str, said: str) -> Finding:
    names = ("peak_24_hours", "quota_day", "used_day", "peak_second", "quota_second", "used_second", "days_until")
    return Finding(
        check=NAME,
        resource=facts.resource,
        kind=kind,
        impact=impact,
        title=f"Region {facts.region}: {title}.",
        evidence={"said": said} | {name: getattr(facts, name) for name in names},
        remedy=_REMEDY.format(region=facts.region),
        reference_urls=REFERENCES,
    )
