"""A domain none of whose selectors has a key: mail is not signed, or no signature of it can be checked.

Gmail, Yahoo and Microsoft want SPF and DKIM of bulk senders; without a custom MAIL FROM DKIM is all that aligns.
"""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import EASY_DKIM, find_dkim
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding
from mailgauge.ses_calls import call, propose_call

NAME = "dkim_not_enabled"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say that no selector has anything."""
    keys = facts.dkim.keys
    if len(keys) < 2 or any(key.records or key.alias for key in keys):  # noqa: PLR2004 (of one alone, dkim_missing)
        return []
    found = find_dkim(NAME, facts, keys[0], HIGH, "DKIM verification is not enabled.", EASY_DKIM)
    enabled = {"email_identity": facts.domain}
    told = call("get-email-identity", **enabled, query="DkimAttributes")
    return [
        propose_call(
            found,
            call("put-email-identity-dkim-attributes", **enabled, signing_enabled=True),
            verify=f"{told} prints the tokens of the records to publish, and SUCCESS once SES has found them.",
            undo=call("put-email-identity-dkim-attributes", **enabled, signing_enabled=False),
        )
    ]
