"""A DMARC record in test mode (t=y): receivers apply the policy one step lower than it says (RFC 9989)."""

from __future__ import annotations

from mailgauge import dmarc_records
from mailgauge.dmarc_records import drop_testing, find_dmarc, is_readable, mend_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dmarc_testing"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = ""


def check(facts: DomainAnswers) -> list[Finding]:
    """Say what the policy comes to; where that is none, dmarc_policy says it."""
    dmarc = facts.dmarc
    policy = dmarc.policy_for(facts.domain)
    if not is_readable(dmarc) or dmarc.tags.get("t") != "y" or policy == "none":
        return []
    steps = f"Take t=y out of the record at {dmarc.name} when the test is over; until then the policy is {policy}."
    title = f"DMARC is in test mode: its policy is {policy}."
    return [find_dmarc(NAME, facts, LOW, title, steps, drop_testing(mend_dmarc(facts)))]
