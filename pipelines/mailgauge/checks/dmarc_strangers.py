"""Mail with a domain in From that failed DMARC and that SES did not send: a sender that was forgotten, or a forger.

Before the policy is raised, the first has to be found and mended; the second is why it is raised.
"""

from __future__ import annotations

from mailgauge import dmarc_records
from mailgauge.findings import LOW, Finding
from mailgauge.postmaster_facts import DmarcReports
from mailgauge.rates import percent

NAME = "dmarc_strangers"
TOPIC = "DMARC reports"
FACTS = DmarcReports
READS = ()
REFERENCES = dmarc_records.REFERENCES
REPLY = ""

LEAST = 100
"""Messages in seven days: our line, unverified."""
_REMEDY = (
    'See who it is: `mailgauge sql "select source_ip, sum(messages) as n from raw.dmarc_records where header_from = '
    "'{domain}' and not is_dkim_aligned and not is_spf_aligned group by all order by n desc\"`. Sign what is yours "
    "with DKIM of {domain}; against the rest, raise the policy."
)


def check(facts: DmarcReports) -> list[Finding]:
    """Say how much there is."""
    failed = facts.failed_elsewhere
    if failed < LEAST:
        return []
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="elsewhere",
            impact=LOW,
            title=f"Others than Amazon SES send mail of {facts.domain} that fails DMARC.",
            evidence={
                "said": f"Receivers reported {failed:,} of {facts.messages:,} messages in seven days "
                f"({percent(failed / facts.messages)})."
            },
            remedy=_REMEDY.format(domain=facts.domain),
            reference_urls=REFERENCES,
        )
    ]
