"""A selector whose CNAME record leads to no key: SES cannot verify the identity and stops signing for it."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import EASY_DKIM, find_dkim, list_keys
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_failed"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM

_STEPS = f"The CNAME record at {{name}} leads to {{alias}}, where there is no key. {EASY_DKIM}"


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which lead nowhere."""
    return [
        find_dkim(NAME, facts, key, HIGH, "DKIM verification has failed.", _STEPS)
        for key in facts.dkim.keys
        if key.alias and not list_keys(key)
    ]
