"""Mail that Amazon SES sent with a domain in From and that failed DMARC at receivers, as aggregate reports tell.

With a stricter policy it is refused; with none it counts as forged.
"""

from __future__ import annotations

from mailgauge import dmarc_records, replies
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.postmaster_facts import DmarcReports
from mailgauge.rates import percent

NAME = "dmarc_failing"
TOPIC = "DMARC reports"
FACTS = DmarcReports
READS = ()
REFERENCES = dmarc_records.REFERENCES
REPLY = replies.REFUSED_BY_DMARC

LEAST, SHARE = 20, 0.01
"""Messages, and their share of all from which on it is HIGH: our lines, unverified."""
_REMEDY = (
    "Turn on Easy DKIM for {domain} in every region that sends, and give it a custom MAIL FROM domain, so that both "
    "align. `mailgauge systems dmarc` shows it day by day; raw.dmarc_records has the address and the signature of each."
)


def check(facts: DmarcReports) -> list[Finding]:
    """Say how much of it failed."""
    failed = facts.failed_from_ses
    if failed < LEAST:
        return []
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="ses",
            impact=HIGH if failed >= SHARE * facts.messages else LOW,
            title=f"Mail of {facts.domain} by Amazon SES fails DMARC.",
            evidence={
                "said": f"Receivers reported {failed:,} of {facts.messages:,} messages in seven days "
                f"({percent(failed / facts.messages)}); they turned {facts.turned_away:,} away.",
                "rejected": facts.turned_away,
            },
            remedy=_REMEDY.format(domain=facts.domain),
            reference_urls=REFERENCES,
        )
    ]
