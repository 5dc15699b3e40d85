"""Mail exchangers as the checks judge them; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.findings import Finding

if TYPE_CHECKING:
    from mailgauge.facts import DomainAnswers

REFERENCES = (
    "https://www.rfc-editor.org/rfc/rfc5321#section-5.1",
    "https://www.rfc-editor.org/rfc/rfc7505",
)
_REMEDY = (
    "Publish an MX record at {domain} that leads to a server which takes its mail, or send with a From domain that has "
    "one. Amazon SES can take it, too: an MX of 10 inbound-smtp.REGION.amazonaws.com and a receipt rule."
)


def find_exchange(check: str, facts: DomainAnswers, impact: str, title: str) -> Finding:
    """A finding about the mail exchangers of a domain."""
    evidence = {"name": facts.domain, "records": list(facts.mx.records[:10])}
    remedy = _REMEDY.format(domain=facts.domain)
    return Finding(check, facts.resource, "record", impact, title, evidence, remedy, REFERENCES)
