"""Looks at the MTA-STS and TLS-RPT records of an identity's domain, where it has them: whether others can read them.

They are about mail to the domain. Neither is asked for by anybody; a record that nobody can read protects nothing while
its owner believes in it, and MTA-STS without reports fails in silence.
"""

from __future__ import annotations

import re

from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "transport_security"
FACTS = DomainAnswers
READS = ("mta_sts", "tls_rpt")
REFERENCES = ("https://www.rfc-editor.org/rfc/rfc8461", "https://www.rfc-editor.org/rfc/rfc8460")


def check(facts: DomainAnswers) -> list[Finding]:
    """Judge both records."""
    found = []
    sts, reports = facts.mta_sts, facts.tls_rpt
    if sts.records and (len(sts.records) > 1 or not re.search(r";\s*id\s*=\s*[A-Za-z0-9]{1,32}\s*(;|$)", sts.text)):
        steps = f'Keep one TXT record at {sts.name}, such as "v=STSv1; id=20260101"; id changes with each new policy.'
        found.append(_find(facts, "sts", "MTA-STS record is malformed: nobody reads the policy.", sts.records, steps))
    if reports.records and (len(reports.records) > 1 or not re.search(r";\s*rua\s*=\s*(mailto|https):", reports.text)):
        steps = f'Keep one TXT record at {reports.name}, such as "v=TLSRPTv1; rua=mailto:tls@{facts.domain}".'
        title = "TLS-RPT record is malformed: nobody sends reports."
        found.append(_find(facts, "reports", title, reports.records, steps))
    if sts.records and reports.state == ABSENT:
        steps = f'Publish a TXT record at {reports.name}: "v=TLSRPTv1; rua=mailto:tls@{facts.domain}".'
        found.append(_find(facts, "no_reports", "MTA-STS without TLS-RPT: nobody tells when it fails.", (), steps))
    return found


def _find(facts: DomainAnswers, kind: str, title: str, records: tuple[str, ...], steps: str) -> Finding:
    name = facts.mta_sts.name if kind == "sts" else facts.tls_rpt.name
    evidence = {"name": name, "records": list(records[:10])}
    return Finding(NAME, facts.resource, kind, LOW, title, evidence, steps, REFERENCES)
