"""Looks at the TXT records of an identity's domain for SPF: one record, that names Amazon SES and can be evaluated.

Receivers ask SPF who may send for a domain; a record that they cannot evaluate counts as none. AWS's advisor wants
`include:amazonses.com` and an `all` of fail or softfail. RFC 7208 allows 10 look-ups (4.6.4) and one record (4.5).
"""

from __future__ import annotations

import re

from mailgauge.facts import ABSENT, DomainAnswers, SpfAnswer
from mailgauge.findings import HIGH, LOW, Finding, plain
from mailgauge.publishing import propose

NAME = "spf_record"
FACTS = DomainAnswers
READS = ("spf",)
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-spf.html",
    "https://docs.aws.amazon.com/ses/latest/dg/mail-from.html",
    "https://www.rfc-editor.org/rfc/rfc7208",
    "https://support.google.com/a/answer/81126",
)

SES = "amazonses.com"
LOOKUP_LIMIT = 10
MAIL_FROM = (
    "SES checks SPF on the MAIL FROM domain: where the identity has a custom one, publish the same there "
    "(`v=spf1 include:amazonses.com ~all`)."
)

_PROBLEMS = {
    "lookups": (
        "SPF record needs more than 10 DNS look-ups.",
        "Take out includes that no longer send for you, or move senders to subdomains with records of their own.",
    ),
    "voids": (
        "SPF record has more than 2 look-ups that find nothing.",
        "Take out the terms whose names no longer exist.",
    ),
    "loop": ("SPF record includes itself.", "Take out the include or redirect that leads back."),
    "syntax": (
        "SPF configuration could not be parsed.",
        "Correct the record as the error says; every include must have an SPF record of its own.",
    ),
}


def check(facts: DomainAnswers) -> list[Finding]:
    """Judge the SPF record of a domain."""
    spf = facts.spf
    if spf.state == ABSENT:
        steps = f'Publish a TXT record at {facts.domain}: "v=spf1 include:{SES} ~all".'
        value = f"v=spf1 include:{SES} ~all"
        return [_find(facts, "missing", HIGH, "SPF record was not found.", steps, value)]
    if len(spf.records) > 1:
        steps = f"Merge the {len(spf.records)} records that start with v=spf1 into one, and delete the others."
        return [_find(facts, "several", HIGH, "Several SPF records were found.", steps)]
    found = [_judge_problem(facts), _judge_all(facts), _judge_ses(facts)]
    return [finding for finding in found if finding]


def _judge_problem(facts: DomainAnswers) -> Finding | None:
    if not facts.spf.problem:
        return None
    title, steps = _PROBLEMS[facts.spf.problem]
    return _find(facts, facts.spf.problem, HIGH, title, steps)


def _judge_all(facts: DomainAnswers) -> Finding | None:
    spf = facts.spf
    qualifier = find_all(spf.final or spf.text)
    if qualifier == "+":
        steps = f'Replace +all by ~all in the TXT record at {facts.domain}: "{_mend(spf)}".'
        return _find(facts, "all_pass", HIGH, "SPF record lets everyone send.", steps, _mend(spf))
    if qualifier in ("~", "-") or (spf.problem and "redirect=" in spf.text.lower()):
        return None
    steps = f'End the TXT record at {facts.domain} with ~all: "{_mend(spf)}".'
    return _find(facts, "all", LOW, "SPF all qualifier is missing.", steps, _mend(spf))


def _judge_ses(facts: DomainAnswers) -> Finding | None:
    spf = facts.spf
    if _names_ses(spf):
        return None
    if not _has_room(spf):
        steps = f"Make room below {LOOKUP_LIMIT} look-ups, then add include:{SES} to the record at {facts.domain}."
        value = None
    else:
        value = _mend(spf)
        steps = f'Publish this TXT record at {facts.domain} in place of the one there: "{value}".'
    return _find(facts, "amazonses", LOW, "SPF record for Amazon SES was not found.", steps, value)


def find_all(record: str) -> str:
    """Return the qualifier of `all`: + - ~ or ?, and nothing where there is no `all`.

    >>> find_all("v=spf1 mx ~all"), find_all("v=spf1 ALL"), find_all("v=spf1 mx")
    ('~', '+', '')
    """
    found = re.search(r"(?:^|\s)([-+~?]?)all(?=\s|$)", record, re.IGNORECASE)
    return (found.group(1) or "+") if found else ""


def _mend(spf: SpfAnswer) -> str:
    """The record with all that is wrong with it mended, so far as ten look-ups allow."""
    record = spf.text
    if find_all(spf.final or record) not in ("~", "-"):
        record = re.sub(r"\s[-+~?]?all(?=\s|$)", "", record, flags=re.IGNORECASE) + " ~all"
    if not _names_ses(spf) and _has_room(spf):
        version, _, terms = record.partition(" ")
        record = f"{version} include:{SES} {terms}".strip()
    return plain(record)


def _names_ses(spf: SpfAnswer) -> bool:
    return SES in spf.includes or f"include:{SES}" in spf.text.lower()


def _has_room(spf: SpfAnswer) -> bool:
    return spf.dns_lookups is not None and spf.dns_lookups < LOOKUP_LIMIT


def _find(  # noqa: PLR0913, PLR0917 (what a finding says)
    facts: DomainAnswers, kind: str, impact: str, title: str, steps: str, value: str | None = None
) -> Finding:
    spf = facts.spf
    evidence = {"name": facts.domain, "records": list(spf.records[:10]), "dns_lookups": spf.dns_lookups}
    if spf.detail:
        evidence["error"] = spf.detail
    made = Finding(NAME, facts.resource, kind, impact, title, evidence, f"{steps}\n{MAIL_FROM}", REFERENCES)
    return propose(made, spf, value)
