"""Looks at the DMARC record that holds for an identity's domain, its own or one above it (tree walk of RFC 9989).

Gmail, Yahoo and Microsoft want one from bulk senders. Without a policy, forged mail is delivered; without reports,
nobody sees it. RFC 9989 took out the tags pct, rf and ri: an old pct=25 now means all mail.
"""

from __future__ import annotations

import re

from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.publishing import propose

NAME = "dmarc_policy"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html",
    "https://www.rfc-editor.org/rfc/rfc9989",
    "https://support.google.com/a/answer/81126",
)


def check(facts: DomainAnswers) -> list[Finding]:
    """Judge the DMARC record of a domain."""
    dmarc, domain = facts.dmarc, facts.domain
    if dmarc.state == ABSENT:
        steps = f'Publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:dmarc@{domain}".'
        value = f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
        return [_find(facts, "missing", HIGH, "DMARC configuration was not found.", steps, value)]
    if dmarc.problem == "several":
        steps = f"Delete all DMARC records at {dmarc.name} but one: receivers discard several."
        return [_find(facts, "several", HIGH, "Several DMARC records were found.", steps)]
    if dmarc.problem or not ({"p", "rua"} & dmarc.tags.keys()):
        steps = f'Correct the TXT record at {dmarc.name}; it reads like "v=DMARC1; p=none; rua=mailto:dmarc@{domain}".'
        return [_find(facts, "syntax", HIGH, "DMARC configuration could not be parsed.", steps)]
    found = [_judge_policy(facts), _judge_reports(facts), _judge_obsolete(facts)]
    return [finding for finding in found if finding]


def _judge_policy(facts: DomainAnswers) -> Finding | None:
    dmarc = facts.dmarc
    if dmarc.policy_for(facts.domain) != "none":
        return None
    steps = (
        "Read the aggregate reports until all of your own mail passes, then publish p=quarantine, and p=reject after "
        f"that, in the record at {dmarc.name}. Take out sp=none and t=y where they stand."
    )
    return _find(facts, "policy_none", LOW, "DMARC policy is none.", steps, _raise_policy(facts))


def _judge_reports(facts: DomainAnswers) -> Finding | None:
    if "rua" in facts.dmarc.tags:
        return None
    steps = (
        f"Add rua=mailto:dmarc@{facts.dmarc.location} (a mailbox that you read) to the record at {facts.dmarc.name}."
    )
    return _find(facts, "no_rua", LOW, "DMARC record asks for no aggregate reports.", steps, _mend(facts))


def find_obsolete(record: str) -> list[str]:
    """Return the tags of a record that RFC 9989 took out.

    >>> find_obsolete("v=DMARC1; p=none; PCT=25; ri = 60")
    ['pct', 'ri']
    """
    return sorted({tag.lower() for tag in re.findall(r";\s*(pct|rf|ri)\s*=", record, re.IGNORECASE)})


def _judge_obsolete(facts: DomainAnswers) -> Finding | None:
    tags = find_obsolete(facts.dmarc.text)
    if not tags:
        return None
    steps = f"Take {', '.join(tags)} out of the record at {facts.dmarc.name}: receivers ignore them since RFC 9989."
    if "pct" in tags:
        steps += " The policy now holds for all mail, whatever pct says; to soften it while you test, use t=y."
    return _find(facts, "obsolete_tags", LOW, "DMARC record has obsolete tags.", steps, _mend(facts))


def _mend(facts: DomainAnswers) -> str:
    """The record without obsolete tags and with reports; its policy is as it was."""
    record = re.sub(r";\s*(pct|rf|ri)\s*=[^;]*", "", facts.dmarc.text, flags=re.IGNORECASE)
    if "rua" not in facts.dmarc.tags:
        record = f"{record.strip().rstrip(';')}; rua=mailto:dmarc@{facts.dmarc.location}"
    return record


def _raise_policy(facts: DomainAnswers) -> str | None:
    """The record with none raised to quarantine where it holds for the domain, and nothing loosened."""
    tag = "p" if facts.domain == facts.dmarc.location or "sp" not in facts.dmarc.tags else "sp"
    if facts.dmarc.tags.get(tag, "none") != "none":  # it is t=y that makes it none
        return re.sub(r";\s*t\s*=\s*y(?=\s*(;|$))", "", _mend(facts), flags=re.IGNORECASE)
    return re.sub(rf"(;\s*{tag}\s*=\s*)none", r"\1quarantine", _mend(facts), count=1, flags=re.IGNORECASE)


def _find(  # noqa: PLR0913, PLR0917 (what a finding says)
    facts: DomainAnswers, kind: str, impact: str, title: str, steps: str, value: str | None = None
) -> Finding:
    dmarc = facts.dmarc
    evidence = {"name": dmarc.name, "records": list(dmarc.records[:10])}
    if dmarc.location:
        evidence["policy"] = dmarc.policy_for(facts.domain)
    if dmarc.detail:
        evidence["error"] = dmarc.detail
    made = Finding(NAME, facts.resource, kind, impact, title, evidence, steps, REFERENCES)
    return propose(made, dmarc, value)
