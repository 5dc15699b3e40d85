"""SPF records as the checks judge them: what stands in one, and what should stand there; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailgauge.findings import Finding, plain
from mailgauge.publishing import propose

if TYPE_CHECKING:
    from mailgauge.facts import DomainAnswers, SpfAnswer

SES = "amazonses.com"
LOOK_UP_LIMIT = 10
"""RFC 7208, 4.6.4."""

REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-spf.html",
    "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html",
    "https://www.rfc-editor.org/rfc/rfc7208",
    "https://support.google.com/a/answer/81126",
)

_WHERE = (
    "SES checks SPF on the MAIL FROM domain: where the identity has a custom one, publish the same there "
    "(`v=spf1 include:amazonses.com ~all`)."
)


def find_all(record: str) -> str:
    """Return the qualifier of `all`: + - ~ or ?, and nothing where there is no `all`.

    >>> find_all("v=spf1 mx ~all"), find_all("v=spf1 ALL"), find_all("v=spf1 mx")
    ('~', '+', '')
    """
    found = re.search(r"(?:^|\s)([-+~?]?)all(?=\s|$)", record, re.IGNORECASE)
    return (found.group(1) or "+") if found else ""


def names_ses(spf: SpfAnswer) -> bool:
    """Whether Amazon SES is among those that the record lets send."""
    return SES in spf.includes or f"include:{SES}" in spf.text.lower()


def has_room(spf: SpfAnswer) -> bool:
    """Whether one look-up more can be made."""
    return spf.dns_lookups is not None and spf.dns_lookups < LOOK_UP_LIMIT


def is_one(spf: SpfAnswer) -> bool:
    """Whether there is one record to judge."""
    return len(spf.records) == 1


def mend_spf(spf: SpfAnswer) -> str:
    """The record with all that is wrong with it mended, so far as ten look-ups allow."""
    record = spf.text
    if find_all(spf.final or record) not in ("~", "-"):
        record = re.sub(r"\s[-+~?]?all(?=\s|$)", "", record, flags=re.IGNORECASE) + " ~all"
    if not names_ses(spf) and has_room(spf):
        version, _, terms = record.partition(" ")
        record = f"{version} include:{SES} {terms}".strip()
    return plain(record)


def find_spf(  # noqa: PLR0913, PLR0917 (what a finding says)
    check: str, facts: DomainAnswers, impact: str, title: str, steps: str, value: str | None = None
) -> Finding:
    """A finding about the SPF record of a domain; `value` is the record to publish."""
    spf = facts.spf
    evidence = {"name": facts.domain, "records": list(spf.records[:10]), "dns_lookups": spf.dns_lookups}
    if spf.detail:
        evidence["error"] = spf.detail
    made = Finding(check, facts.resource, "record", impact, title, evidence, f"{steps}\n{_WHERE}", REFERENCES)
    return propose(made, spf, value)
