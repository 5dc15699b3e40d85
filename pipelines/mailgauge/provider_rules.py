"""Mail that a mailbox provider refused or delayed by one of its rules for senders, told by its code; pure.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.page_words import many_text

if TYPE_CHECKING:
    from mailgauge.mail_facts import IdentityMail, RuleRejects

REFERENCES = (
    "https://support.google.com/a/answer/81126",
    "https://support.google.com/a/answer/14229414",
)
MICROSOFT = ("https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/4399730",)
YAHOO = ("https://senders.yahooinc.com/smtp-error-codes/",)

LEAST, DELAYED_SHARE = 10, 0.01
"""Recipients in seven days, as fewer may be anybody's accident; of those only delayed also their share of all there."""

AUTHENTICATE = (
    "See what fails: `mailgauge advise --domain {domain}`. Turn on Easy DKIM for the identity, give it a custom MAIL "
    "FROM domain below {domain} whose SPF record has include:amazonses.com, and publish a DMARC record."
)


def find_rules(
    check: str, facts: IdentityMail, meaning: str, remedy: str, references: tuple[str, ...]
) -> list[Finding]:
    """The rules of one meaning that cost mail."""
    return [
        _find(check, facts, rule, remedy, references)
        for rule in facts.rules
        if rule.meaning == meaning and _costs(rule)
    ]


def _costs(rule: RuleRejects) -> bool:
    touched = rule.refused + rule.delayed
    return rule.refused >= LEAST or (touched >= LEAST and touched >= DELAYED_SHARE * rule.attempts)


def _find(check: str, facts: IdentityMail, rule: RuleRejects, remedy: str, references: tuple[str, ...]) -> Finding:
    verb = "refuses" if rule.refused >= LEAST else "delays"
    trend = f"{rule.before:,} of {rule.attempts_before:,}" if rule.attempts_before else "no mail there"
    return Finding(
        check=check,
        resource=facts.resource,
        kind=rule.policy_rule,
        impact=HIGH if rule.refused >= LEAST else LOW,
        title=f"{rule.isp} {verb} mail of {facts.identity}: {rule.meaning} ({rule.policy_rule}).",
        evidence={
            "said": f"{many_text(rule.refused, 'recipient')} refused and {rule.delayed:,} delayed, of "
            f"{rule.attempts:,} there in seven days; {trend} in the seven days before.",
            "refused": rule.refused,
            "delayed": rule.delayed,
            "before": rule.before,
            "attempts": rule.attempts,
        },
        remedy=remedy.format(domain=facts.identity.rpartition("@")[2], isp=rule.isp),
        reference_urls=references,
    )
