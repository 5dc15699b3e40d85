"""A custom MAIL FROM domain without exactly the MX record that SES asks for: SES stops using it within 72 hours.

Bounces of other servers then reach nobody, and SPF is not aligned any more.
"""

from __future__ import annotations

from mailgauge import mail_from
from mailgauge.facts import MailFromAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.mail_from import find_mail_from, is_feedback_host
from mailgauge.publishing import propose

NAME = "mail_from_exchanger"
TOPIC = "MAIL FROM"
FACTS = MailFromAnswers
READS = ("mx",)
REFERENCES = mail_from.REFERENCES
REPLY = ""


def check(facts: MailFromAnswers) -> list[Finding]:
    """Say what stands there instead."""
    hosts = [record.split()[-1] for record in facts.mx.records]
    if len(hosts) == 1 and is_feedback_host(hosts[0]):
        return []
    steps = (
        f"Publish exactly one MX record at {facts.mail_from}: 10 feedback-smtp.REGION.amazonses.com, with the region "
        "of the identity. The name may serve nothing else: neither receive mail nor send other mail."
    )
    found = find_mail_from(NAME, facts, facts.mx, HIGH, "An SPF configuration issue was found.", steps)
    (region, *others) = facts.regions or ("",)
    value = f"10 feedback-smtp.{region}.amazonses.com." if region and not others else None
    return [propose(found, facts.mx, value, "MX")]
