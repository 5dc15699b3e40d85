"""Looks at whether the domain of an identity can take mail: an MX record, or an address that stands for one.

Replies, bounces of other servers and unsubscriptions by mail go there. Receivers may refuse mail from a domain that
says it takes none (null MX, RFC 7505), and some from one that has nowhere to answer to.
"""

from __future__ import annotations

from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "mail_exchanger"
FACTS = DomainAnswers
READS = ("mx",)
REFERENCES = (
    "https://www.rfc-editor.org/rfc/rfc7505",
    "https://www.rfc-editor.org/rfc/rfc5321#section-5.1",
)

_REMEDY = (
    "Publish an MX record at {domain} that leads to a server which takes its mail, or send with a From domain that has "
    "one. Amazon SES can take it, too: an MX of 10 inbound-smtp.REGION.amazonaws.com and a receipt rule."
)


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that the domain cannot be answered."""
    if facts.mx.state == ABSENT:
        return [_find(facts, "missing", f"{facts.domain} can take no mail: it has neither MX nor address.")]
    if any(record.split()[-1] == "." for record in facts.mx.records):
        return [_find(facts, "null", f"{facts.domain} says that it takes no mail (null MX).")]
    return []


def _find(facts: DomainAnswers, kind: str, title: str) -> Finding:
    evidence = {"name": facts.domain, "records": list(facts.mx.records[:10])}
    remedy = _REMEDY.format(domain=facts.domain)
    return Finding(NAME, facts.resource, kind, LOW, title, evidence, remedy, REFERENCES)
