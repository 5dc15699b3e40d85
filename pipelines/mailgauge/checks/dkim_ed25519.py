"""A domain whose keys are all Ed25519: SES cannot sign with it, and some receivers cannot check it (RFC 8463)."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import EASY_DKIM, each_key, find_dkim
from mailgauge.facts import DomainAnswers
from mailgauge.findings import LOW, Finding

NAME = "dkim_ed25519"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that there is no RSA key."""
    keys = list(each_key(facts))
    if not keys or any(tags.get("k", "rsa").lower() != "ed25519" for _, tags in keys):
        return []
    key, _ = keys[0]
    return [find_dkim(NAME, facts, key, LOW, "DKIM keys are of Ed25519 alone.", f"Add an RSA key. {EASY_DKIM}")]
