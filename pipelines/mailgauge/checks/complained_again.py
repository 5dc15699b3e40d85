"""Mail to people who complained of an identity's mail more than 48 hours before: they complain again.

It counts by configuration set, as an invoice may follow a complaint about the newsletter; a complaint that was taken
back counts for nothing, and who had opted out as well is counted by opt_out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import leaving
from mailgauge.leaving import find_ignored
from mailgauge.mail_facts import IdentityMail
from mailgauge.ses_calls import suppress

if TYPE_CHECKING:
    from mailgauge.findings import Finding

NAME = "complained_again"
TOPIC = "Unsubscribing"
FACTS = IdentityMail
READS = ()
REFERENCES = leaving.REFERENCES
REPLY = ""


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many were written to all the same."""
    title = f"{facts.identity} writes to people who complained of its mail."
    found = find_ignored(NAME, facts, {"after_complaint": facts.after_complaint}, "had complained", title)
    return [suppress(finding) for finding in found]
