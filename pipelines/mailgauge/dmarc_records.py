"""DMARC records as the checks judge them: what stands in one, and what should stand there; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailgauge.findings import Finding
from mailgauge.publishing import propose

if TYPE_CHECKING:
    from mailgauge.facts import DmarcAnswer, DomainAnswers

REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html",
    "https://www.rfc-editor.org/rfc/rfc9989",
    "https://support.google.com/a/answer/81126",
)


def is_readable(dmarc: DmarcAnswer) -> bool:
    """Whether receivers act on the record: it is there, can be parsed, and says what to do or where to report."""
    return bool(dmarc.records) and not dmarc.problem and bool({"p", "rua"} & dmarc.tags.keys())


def find_obsolete(record: str) -> list[str]:
    """Return the tags of a record that RFC 9989 took out.

    >>> find_obsolete("v=DMARC1; p=none; PCT=25; ri = 60")
    ['pct', 'ri']
    """
    return sorted({tag.lower() for tag in re.findall(r";\s*(pct|rf|ri)\s*=", record, re.IGNORECASE)})


def mend_dmarc(facts: DomainAnswers) -> str:
    """The record without obsolete tags and with reports; its policy is as it was."""
    record = re.sub(r";\s*(pct|rf|ri)\s*=[^;]*", "", facts.dmarc.text, flags=re.IGNORECASE)
    if "rua" not in facts.dmarc.tags:
        record = f"{record.strip().rstrip(';')}; rua=mailto:dmarc@{facts.dmarc.location}"
    return record


def drop_testing(record: str) -> str:
    """The record without t=y."""
    return re.sub(r";\s*t\s*=\s*y(?=\s*(;|$))", "", record, flags=re.IGNORECASE)


def find_dmarc(  # noqa: PLR0913, PLR0917 (what a finding says)
    check: str, facts: DomainAnswers, impact: str, title: str, steps: str, value: str | None = None
) -> Finding:
    """A finding about the DMARC record that holds for a domain; `value` is the record to publish."""
    dmarc = facts.dmarc
    evidence = {"name": dmarc.name, "records": list(dmarc.records[:10])}
    if dmarc.location:
        evidence["policy"] = dmarc.policy_for(facts.domain)
    if dmarc.detail:
        evidence["error"] = dmarc.detail
    made = Finding(check, facts.resource, "record", impact, title, evidence, steps, REFERENCES)
    return propose(made, dmarc, value)
