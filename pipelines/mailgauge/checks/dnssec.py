"""A domain that is signed with DNSSEC, and wrongly: for every resolver that validates there is nothing at its names.

Receivers find no DKIM key, no SPF and no DMARC record there, and no place to answer to.
"""

from __future__ import annotations

from mailgauge.facts import BOGUS, DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dnssec"
TOPIC = "DNSSEC"
FACTS = DomainAnswers
READS = ("dnssec",)
REFERENCES = ("https://www.rfc-editor.org/rfc/rfc4035#section-5",)
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that the signatures do not hold."""
    if BOGUS not in facts.dnssec.records:
        return []
    steps = (
        "Compare the DS record at the parent with the keys of the zone, and look whether the signatures have expired; "
        "take the DS record out at the registrar until the zone is signed rightly. Verify: "
        f"dig +dnssec SOA {facts.domain} answers NOERROR and not SERVFAIL."
    )
    evidence = {
        "said": f"The resolver answers SERVFAIL for {facts.domain}, and answers as soon as it is told not to validate.",
    }
    title = f"DNSSEC of {facts.domain} is broken: resolvers that validate find nothing."
    return [Finding(NAME, facts.resource, "bogus", HIGH, title, evidence, steps, REFERENCES)]
