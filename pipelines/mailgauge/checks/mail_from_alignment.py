"""A custom MAIL FROM domain that is not aligned with the identity: SPF passes there and counts for nothing in DMARC.

Relaxed alignment (the rule, and what SES needs) asks for the same organisational domain; aspf=s for the very same name,
which no MAIL FROM domain of SES can be.
"""

from __future__ import annotations

from mailgauge import mail_from, replies
from mailgauge.facts import MailFromAnswers
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_from import find_mail_from
from mailgauge.ses_calls import call, propose_call

NAME = "mail_from_alignment"
TOPIC = "MAIL FROM"
FACTS = MailFromAnswers
READS = ("dmarc",)
REFERENCES = mail_from.REFERENCES
REPLY = replies.NOT_ALIGNED


def check(facts: MailFromAnswers) -> list[Finding]:
    """Say whether the names or the strictness keeps them apart."""
    title = "MAIL FROM record is not aligned."
    if facts.organisation != facts.mail_from_organisation:
        steps = f"Set a MAIL FROM domain below {facts.organisation} for the identity, such as bounce.{facts.domain}."
        found = find_mail_from(NAME, facts, facts.dmarc, HIGH, title, steps)
        told = call("get-email-identity", email_identity=facts.domain, query="MailFromAttributes")
        verify = f"{told} prints SUCCESS once SES has found its MX and SPF records, which have to be there first."
        change, undo = (_set(facts, name) for name in (f"bounce.{facts.domain}", facts.mail_from))
        return [propose_call(found, change, verify=verify, undo=undo)]
    if facts.dmarc.tags.get("aspf", "r").lower() == "s":
        steps = (
            f"Take aspf=s out of the record at {facts.dmarc.name}: a MAIL FROM domain of SES is never the identity's "
            "own name. As long as it is there, DKIM alone makes mail pass DMARC."
        )
        return [find_mail_from(NAME, facts, facts.dmarc, LOW, title, steps)]
    return []


def _set(facts: MailFromAnswers, name: str) -> str:
    return call("put-email-identity-mail-from-attributes", email_identity=facts.domain, mail_from_domain=name)
