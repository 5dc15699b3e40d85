"""A DMARC record that asks less for subdomains (sp, or np for names that do not exist) than for the domain itself.

Who forges mail takes a subdomain then.
"""

from __future__ import annotations

import re

from mailgauge import dmarc_records
from mailgauge.dmarc_records import find_dmarc, is_readable, mend_dmarc
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dmarc_subdomains"
TOPIC = "DMARC"
FACTS = DomainAnswers
READS = ("dmarc",)
REFERENCES = dmarc_records.REFERENCES
REPLY = ""

_ORDER = ("none", "quarantine", "reject")


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which tag is weaker."""
    tags = facts.dmarc.tags
    policy = tags.get("p", "none")
    weak = [tag for tag in ("sp", "np") if tag in tags and _rank(tags[tag]) < _rank(policy)]
    if not weak or not is_readable(facts.dmarc):
        return []
    value = re.sub(rf";\s*({'|'.join(weak)})\s*=[^;]*", "", mend_dmarc(facts), flags=re.IGNORECASE)
    steps = (
        f"Take {' and '.join(weak)} out of the record at {facts.dmarc.name} once the reports show that the mail of "
        f"your subdomains passes; p={policy} then holds for them, too."
    )
    return [find_dmarc(NAME, facts, LOW, "DMARC policy is weaker for subdomains.", steps, value)]


def _rank(policy: str) -> int:
    return _ORDER.index(policy) if policy in _ORDER else len(_ORDER)
