"""Mail to people who had opted out of an identity's mail more than 48 hours before.

Gmail and Yahoo want an unsubscription honoured within two days (2024). It counts by configuration set, as an invoice
may follow an opt-out of the newsletter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import leaving
from mailgauge.leaving import find_ignored
from mailgauge.mail_facts import IdentityMail

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "opt_out"
TOPIC = "Unsubscribing"
FACTS = IdentityMail
READS = ()
REFERENCES = leaving.REFERENCES
REPLY = ""


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many were written to all the same."""
    title = f"{facts.identity} writes to people who opted out of its mail."
    return find_ignored(NAME, facts, {"after_opt_out": facts.after_opt_out}, "had opted out", title)
