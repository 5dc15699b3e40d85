"""BIMI records as the checks judge them; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mailgauge.facts import FOUND
from mailgauge.findings import LOW, Finding

if TYPE_CHECKING:
    from mailgauge.facts import Answer, DmarcAnswer, DomainAnswers

REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-bimi.html",
    "https://datatracker.ietf.org/doc/draft-brand-indicators-for-message-identification/",
    "https://support.google.com/a/answer/10911320",
)


def parse_bimi(record: str) -> list[tuple[str, str]]:
    """The tags of a record in their order, twice where they stand there twice."""
    parts = (part.partition("=") for part in record.split(";") if part.strip())
    return [(name.strip().lower(), value.strip()) for name, _, value in parts]


def is_declined(record: str) -> bool:
    """Whether a record says that the domain wants no logo: l and a are empty."""
    tags = dict(parse_bimi(record))
    return not tags.get("l") and not tags.get("a")


def parse_usable(bimi: Answer) -> dict[str, str]:
    """The tags of the one record that can be read and that wants a logo shown; none where there is no such record."""
    if len(bimi.records) != 1 or explain_malformed(bimi.text) or is_declined(bimi.text):
        return {}
    return dict(parse_bimi(bimi.text))


def explain_malformed(record: str) -> str:
    """Return what is wrong with the text of a record, or nothing.

    >>> explain_malformed("v=BIMI1; l=http://shop.example/logo.svg")
    'l is not an https address'
    """
    tags = parse_bimi(record)
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


def is_enforced(dmarc: DmarcAnswer, domain: str) -> bool:
    """Whether the DMARC policy is one with which receivers show a logo, for the domain and for its organisation."""
    policies = {dmarc.policy_for(domain), dmarc.policy_for(dmarc.location), dmarc.tags.get("sp", "reject")}
    return dmarc.state == FOUND and not dmarc.problem and "none" not in policies


def find_bimi(check: str, facts: DomainAnswers, title: str, steps: str, error: str = "", **more: object) -> Finding:
    """A finding about the BIMI record of a domain."""
    evidence: dict[str, object] = {"name": facts.bimi.name, "records": list(facts.bimi.records[:10]), **more}
    evidence["dmarc"] = facts.dmarc.text
    if error:
        evidence["error"] = error
    return Finding(check, facts.resource, "record", LOW, title, evidence, steps, REFERENCES)
