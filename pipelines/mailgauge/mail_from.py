"""Custom MAIL FROM domains as the checks judge them (SES, Using a custom MAIL FROM domain); pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailgauge.findings import Finding

if TYPE_CHECKING:
    from mailgauge.facts import Answer, MailFromAnswers

REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html",
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html",
)
_FEEDBACK_HOST = re.compile(r"feedback-smtp\.([a-z0-9-]+)\.amazonses\.com\.?", re.IGNORECASE)


def is_feedback_host(host: str) -> bool:
    """Whether a mail exchanger is that of SES for bounces."""
    return _FEEDBACK_HOST.fullmatch(host) is not None


def find_region(host: str) -> str:
    """The region of such a mail exchanger, or nothing.

    >>> find_region("feedback-smtp.eu-west-1.amazonses.com."), find_region("mx.shop.example")
    ('eu-west-1', '')
    """
    found = _FEEDBACK_HOST.fullmatch(host)
    return found.group(1).lower() if found else ""


def find_mail_from(  # noqa: PLR0913, PLR0917 (what a finding says)
    check: str, facts: MailFromAnswers, answer: Answer, impact: str, title: str, steps: str
) -> Finding:
    """A finding about the MAIL FROM domain of an identity, as an answer about it shows."""
    evidence = {"name": answer.name, "records": list(answer.records[:10]), "mail_from": facts.mail_from}
    return Finding(check, facts.resource, facts.mail_from, impact, title, evidence, steps, REFERENCES)
