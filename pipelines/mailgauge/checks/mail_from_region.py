"""A custom MAIL FROM domain whose MX leads to another region than those that the identity sends from.

SES looks for the MX of its own region and takes amazonses.com where it is another: SPF is not aligned then.
"""

from __future__ import annotations

from mailgauge import mail_from
from mailgauge.facts import MailFromAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.mail_from import find_mail_from, find_region

NAME = "mail_from_region"
TOPIC = "MAIL FROM"
FACTS = MailFromAnswers
READS = ("mx",)
REFERENCES = mail_from.REFERENCES
REPLY = ""


def check(facts: MailFromAnswers) -> list[Finding]:
    """Say which regions send without it."""
    regions = {region for record in facts.mx.records if (region := find_region(record.split()[-1]))}
    others = sorted(set(facts.regions) - regions)
    if len(regions) != 1 or not others:
        return []
    steps = (
        f"Give the identity in {', '.join(others)} a MAIL FROM domain of its own, with the MX "
        f"10 feedback-smtp.{others[0]}.amazonses.com: one name serves one region."
    )
    title = f"MAIL FROM domain is of region {min(regions)}, and mail is sent from {', '.join(others)}."
    return [find_mail_from(NAME, facts, facts.mx, HIGH, title, steps)]
