"""Looks at the BIMI record of an identity's domain, and at the DMARC policy that BIMI needs.

With BIMI, mailbox providers show the sender's logo. AWS's advisor looks at the selector `default`; the draft wants
`v=BIMI1` first, https addresses, and a DMARC policy of quarantine or reject, for subdomains too. The logo itself is
not fetched here.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mailgauge.facts import ABSENT, NOT_CHECKED, DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "bimi_record"
FACTS = DomainAnswers
READS = ("bimi", "dmarc")
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-bimi.html",
    "https://datatracker.ietf.org/doc/draft-brand-indicators-for-message-identification/",
    "https://support.google.com/a/answer/10911320",
)


def check(facts: DomainAnswers) -> list[Finding]:
    """Judge the BIMI record of a domain."""
    bimi = facts.bimi
    if bimi.state == ABSENT:
        title = "BIMI record not found or configured without default selector."
        steps = f'Publish a TXT record at {bimi.name}: "v=BIMI1; l=https://{facts.domain}/logo.svg; a=" with your logo.'
        return [_find(facts, "missing", title, steps)]
    error = "there are several records" if len(bimi.records) > 1 else explain_malformed(bimi.text)
    if error:
        steps = (
            f'Correct the TXT record at {bimi.name}; it reads like "v=BIMI1; l=https://{facts.domain}/logo.svg; a=".'
        )
        return [_find(facts, "syntax", "BIMI has malformed TXT record.", steps, error)]
    if is_declined(bimi.text) or _is_enforced(facts):
        return []
    steps = (
        "Receivers show the logo once DMARC asks for quarantine or reject, without sp=none or t=y: bring the policy "
        f"there step by step (record at {facts.dmarc.name})."
    )
    return [_find(facts, "not_enforced", "BIMI needs a DMARC policy of quarantine or reject.", steps)]


def _parse_tags(record: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in record.split(";") if part.strip())
    return [(name.strip().lower(), value.strip()) for name, _, value in parts]


def is_declined(record: str) -> bool:
    """Whether a record says that the domain wants no logo: l and a are empty."""
    tags = dict(_parse_tags(record))
    return not tags.get("l") and not tags.get("a")


def explain_malformed(record: str) -> str:
    """Return what is wrong with the text of a record, or nothing.

    >>> explain_malformed("v=BIMI1; l=http://shop.example/logo.svg")
    'l is not an https address'
    """
    tags = _parse_tags(record)
    if not tags or tags[0] != ("v", "BIMI1"):
        return "it does not start with v=BIMI1"
    names = [name for name, _ in tags]
    if len(set(names)) != len(names):
        return "a tag stands there twice"
    if "l" not in names:
        return "l, the address of the logo, is missing"
    return next(
        (f"{name} is not an https address" for name, value in tags if name in "la" and not _is_https(value)), ""
    )


def _is_https(address: str) -> bool:
    if not address:
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() == "https" and bool(parts.hostname) and " " not in address


def _is_enforced(facts: DomainAnswers) -> bool:
    dmarc = facts.dmarc
    policies = {dmarc.policy_for(facts.domain), dmarc.policy_for(dmarc.location), dmarc.tags.get("sp", "reject")}
    return dmarc.state not in (ABSENT, NOT_CHECKED) and not dmarc.problem and "none" not in policies


def _find(facts: DomainAnswers, kind: str, title: str, steps: str, error: str = "") -> Finding:
    evidence = {"name": facts.bimi.name, "records": list(facts.bimi.records[:10]), "dmarc": facts.dmarc.text}
    if error:
        evidence["error"] = error
    return Finding(NAME, facts.resource, kind, LOW, title, evidence, steps, REFERENCES)
