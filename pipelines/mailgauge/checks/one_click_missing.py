"""Mail whose List-Unsubscribe is not of one click: Gmail and Yahoo want RFC 8058 of bulk senders (2024).

That is an https address in List-Unsubscribe, and List-Unsubscribe-Post as it stands there, both signed by DKIM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import unsubscribing
from mailgauge.mail_facts import IdentityMail
from mailgauge.unsubscribing import find_unsubscribing

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "one_click_missing"
TOPIC = "Unsubscribing"
FACTS = IdentityMail
READS = ("headers",)
REFERENCES = unsubscribing.REFERENCES
REPLY = ""

_REMEDY = (
    "Add both headers: List-Unsubscribe: <https://{domain}/…> and List-Unsubscribe-Post: List-Unsubscribe=One-Click; "
    "the address takes a POST and asks nothing. SES does both where mail is sent with a contact list and topic "
    "(ListManagementOptions)."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how much mail can be left by more than one click alone."""
    found = {name: facts.headers.count(name) for name in ("https", "mailto", "other")}
    title = f"{facts.identity} sends mail that cannot be left by one click."
    return find_unsubscribing(NAME, facts, found, title, _REMEDY)
