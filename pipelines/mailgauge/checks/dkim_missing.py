"""A selector without a key: signatures that name it fail, and with them DMARC where SPF is not aligned."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import EASY_DKIM, find_dkim, list_keys
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_missing"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which selectors have none, where others do, or where there is but one."""
    keys = facts.dkim.keys
    if len(keys) > 1 and not any(key.records or key.alias for key in keys):
        return []  # dkim_not_enabled
    return [
        find_dkim(NAME, facts, key, HIGH, "DKIM record was not found.", EASY_DKIM)
        for key in keys
        if not list_keys(key) and not key.alias
    ]
