"""A TLS-RPT record that nobody can read: nobody sends reports (RFC 8460)."""

from __future__ import annotations

import re

from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "tls_rpt_record"
TOPIC = "TLS-RPT"
FACTS = DomainAnswers
READS = ("tls_rpt",)
REFERENCES = ("https://www.rfc-editor.org/rfc/rfc8460",)
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there are several, or none with an address."""
    reports = facts.tls_rpt
    if not reports.records or (len(reports.records) == 1 and re.search(r";\s*rua\s*=\s*(mailto|https):", reports.text)):
        return []
    steps = f'Keep one TXT record at {reports.name}, such as "v=TLSRPTv1; rua=mailto:tls@{facts.domain}".'
    title = "TLS-RPT record is malformed: nobody sends reports."
    evidence = {"name": reports.name, "records": list(reports.records[:10])}
    return [Finding(NAME, facts.resource, "record", LOW, title, evidence, steps, REFERENCES)]
