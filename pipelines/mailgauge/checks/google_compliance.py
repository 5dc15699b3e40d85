"""Requirements for senders that Google sees broken (Postmaster Tools, compliance status): it refuses mail for them."""

from __future__ import annotations

from mailgauge.findings import HIGH, Finding
from mailgauge.postmaster_facts import GoogleWord

NAME = "google_compliance"
TOPIC = "Google Postmaster Tools"
FACTS = GoogleWord
READS = ()
REFERENCES = ("https://support.google.com/a/answer/81126", "https://support.google.com/a/answer/14289100")
REPLY = ""

_REMEDY = (
    "See which of the other findings of {domain} is the cause (`mailgauge advise --domain {domain}`), mend it, and "
    "import the status again after a few days: Google takes up to seven to see it."
)


def check(facts: GoogleWord) -> list[Finding]:
    """Say which are broken."""
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind=requirement,
            impact=HIGH,
            title=f"Google sees a requirement for senders broken: {requirement.replace('_', ' ').lower()}.",
            evidence={"said": f"Google's word for it: NEEDS_WORK{f' ({reason})' if reason else ''}."},
            remedy=_REMEDY.format(domain=facts.domain),
            reference_urls=REFERENCES,
        )
        for requirement, reason in facts.needs_work
    ]
