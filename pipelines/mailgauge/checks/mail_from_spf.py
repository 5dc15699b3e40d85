"""A custom MAIL FROM domain without an SPF record that names Amazon SES: SPF of the identity's mail does not pass."""

from __future__ import annotations

from mailgauge import mail_from, replies
from mailgauge.facts import ABSENT, MailFromAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.mail_from import find_mail_from
from mailgauge.publishing import propose
from mailgauge.spf_records import SES, has_room, mend_spf, names_ses

NAME = "mail_from_spf"
TOPIC = "MAIL FROM"
FACTS = MailFromAnswers
READS = ("spf",)
REFERENCES = mail_from.REFERENCES
REPLY = replies.NO_SPF


def check(facts: MailFromAnswers) -> list[Finding]:
    """Say what is wrong with it."""
    spf, name = facts.spf, facts.mail_from
    right = f"v=spf1 include:{SES} ~all"
    if spf.state == ABSENT:
        steps = f'Publish a TXT record at {name}: "{right}".'
        made = find_mail_from(NAME, facts, spf, HIGH, "SPF record was not found.", steps)
        return [propose(made, spf, right)]
    if spf.problem or len(spf.records) > 1:
        steps = f'Leave one TXT record that starts with v=spf1 at {name}: "{right}". SES alone sends with this name.'
        return [find_mail_from(NAME, facts, spf, HIGH, "SPF configuration could not be parsed.", steps)]
    if names_ses(spf):
        return []
    value = mend_spf(spf) if has_room(spf) else right
    steps = f'Publish this TXT record at {name} in place of the one there: "{value}".'
    made = find_mail_from(NAME, facts, spf, HIGH, "SPF record for Amazon SES was not found.", steps)
    return [propose(made, spf, value)]
