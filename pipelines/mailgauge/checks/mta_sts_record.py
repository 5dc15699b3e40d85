"""An MTA-STS record that nobody can read: the policy protects nothing while its owner believes in it (RFC 8461)."""

from __future__ import annotations

import re

from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "mta_sts_record"
TOPIC = "MTA-STS"
FACTS = DomainAnswers
READS = ("mta_sts",)
REFERENCES = ("https://www.rfc-editor.org/rfc/rfc8461",)
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there are several, or none with an id."""
    sts = facts.mta_sts
    if not sts.records or (len(sts.records) == 1 and re.search(r";\s*id\s*=\s*[A-Za-z0-9]{1,32}\s*(;|$)", sts.text)):
        return []
    steps = f'Keep one TXT record at {sts.name}, such as "v=STSv1; id=20260101"; id changes with each new policy.'
    title = "MTA-STS record is malformed: nobody reads the policy."
    evidence = {"name": sts.name, "records": list(sts.records[:10])}
    return [Finding(NAME, facts.resource, "record", LOW, title, evidence, steps, REFERENCES)]
