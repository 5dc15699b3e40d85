"""Bulk mail without the header List-Unsubscribe: Gmail and Yahoo want it of everything but transactional mail.

Who finds no way out complains. Nobody can tell from outside what is transactional: mute the finding where all of it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import unsubscribing
from mailgauge.mail_facts import IdentityMail
from mailgauge.unsubscribing import BULK, find_unsubscribing

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "unsubscribe_missing"
TOPIC = "Unsubscribing"
FACTS = IdentityMail
READS = ("headers",)
REFERENCES = unsubscribing.REFERENCES
REPLY = ""

_REMEDY = (
    "Where it is marketing, add List-Unsubscribe: <https://{domain}/…> and List-Unsubscribe-Post: "
    "List-Unsubscribe=One-Click; SES does both where mail is sent with a contact list and topic. Where all of it is "
    "transactional (orders, passwords), mute this finding."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how much bulk mail has no way out."""
    none = facts.headers.count("none")
    if none < BULK:
        return []
    title = f"{facts.identity} sends mail in bulk without a way to unsubscribe."
    return find_unsubscribing(NAME, facts, {"none": none}, title, _REMEDY, is_certain=False)
