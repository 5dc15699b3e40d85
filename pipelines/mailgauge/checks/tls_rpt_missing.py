"""MTA-STS without TLS-RPT: where it keeps mail from arriving, nobody tells (RFC 8460)."""

from __future__ import annotations

from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import LOW, Finding
from mailgauge.publishing import propose

NAME = "tls_rpt_missing"
TOPIC = "TLS-RPT"
FACTS = DomainAnswers
READS = ("mta_sts", "tls_rpt")
REFERENCES = ("https://www.rfc-editor.org/rfc/rfc8461", "https://www.rfc-editor.org/rfc/rfc8460")
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there are no reports."""
    name = facts.tls_rpt.name
    if not facts.mta_sts.records or facts.tls_rpt.state != ABSENT:
        return []
    value = f"v=TLSRPTv1; rua=mailto:tls@{facts.domain}"
    steps = f'Publish a TXT record at {name}: "{value}".'
    title = "MTA-STS without TLS-RPT: nobody tells when it fails."
    evidence = {"name": name, "records": []}
    found = Finding(NAME, facts.resource, "record", LOW, title, evidence, steps, REFERENCES)
    return [propose(found, facts.tls_rpt, value)]
