"""Looks at mail that a mailbox provider refused or delayed by one of its rules for senders, told by its code.

The receiver names the cause itself: nothing else says as surely what to mend, and how much mail it costs.
"""

from __future__ import annotations

from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import IdentityMail, RuleRejects
from mailgauge.page_words import many_text

NAME = "provider_rule"
FACTS = IdentityMail
READS = ()
REFERENCES = (
    "https://support.google.com/a/answer/81126",
    "https://support.google.com/a/answer/14229414",
    "https://techcommunity.microsoft.com/blog/microsoftdefenderforoffice365blog/4399730",
    "https://senders.yahooinc.com/smtp-error-codes/",
)

LEAST, DELAYED_SHARE = 10, 0.01
"""Recipients in seven days, as fewer may be anybody's accident; of those only delayed also their share of all there."""

_AUTHENTICATION = (
    "See what fails: `mailgauge advise --domain {domain}`. Turn on Easy DKIM for the identity, give it a custom MAIL "
    "FROM domain below {domain} whose SPF record has include:amazonses.com, and publish a DMARC record."
)
_REMEDIES = {
    "no reverse DNS (PTR)": "Amazon SES keeps the PTR records of its addresses, your own only where you brought the "
    "range (BYOIP): set them there, or write to AWS Support with the answer below.",
    "too much at once": "Send more slowly to {isp} and more evenly over the day; begin with those who open and click.",
    "no TLS": "Take no connection without TLS: aws sesv2 put-configuration-set-delivery-options "
    "--configuration-set-name SET --tls-policy REQUIRE.",
    "deferred for volume or complaints": "Send more slowly to {isp}, and first to those who open and click; take those "
    "who never do off the lists. `mailgauge metrics complaint_rate --by identity,isp` shows who complains.",
    "deferred until the sender changes": "{isp} takes nothing from here until something changes: stop, take off who "
    "never opens, and begin again with the most active.",
}


def check(facts: IdentityMail) -> list[Finding]:
    """Say which rules cost mail."""
    return [_find(facts, rule) for rule in facts.rules if _costs(rule)]


def _costs(rule: RuleRejects) -> bool:
    touched = rule.refused + rule.delayed
    return rule.refused >= LEAST or (touched >= LEAST and touched >= DELAYED_SHARE * rule.attempts)


def _find(facts: IdentityMail, rule: RuleRejects) -> Finding:
    domain = facts.identity.rpartition("@")[2]
    remedy = _REMEDIES.get(rule.meaning, _AUTHENTICATION)
    verb = "refuses" if rule.refused >= LEAST else "delays"
    trend = f"{rule.before:,} of {rule.attempts_before:,}" if rule.attempts_before else "no mail there"
    return Finding(
        check=NAME,
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
        remedy=remedy.format(domain=domain, isp=rule.isp),
        reference_urls=REFERENCES,
    )
