"""DMARC reports that go to another organisation which does not say that it takes them (RFC 9990): nobody sends any."""

from __future__ import annotations

from mailgauge import dmarc_records
from mailgauge.dmarc_records import find_dmarc, is_readable
from mailgauge.facts import ABSENT, DomainAnswers
from mailgauge.findings import LOW, Finding
from mailgauge.publishing import propose

NAME = "dmarc_report_address"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc", "reports")
REFERENCES = dmarc_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which addresses get nothing."""
    missing = [answer for answer in facts.reports.answers if answer.state == ABSENT]
    if not missing or not is_readable(facts.dmarc):
        return []
    steps = (
        f'Whoever runs the mailbox has to publish a TXT record at {missing[0].name}: "v=DMARC1". Else send the '
        f"reports to a mailbox of {facts.dmarc.location}."
    )
    found = find_dmarc(NAME, facts, LOW, "DMARC reports go to a domain that does not take them.", steps)
    return [propose(found, missing[0], "v=DMARC1")]
