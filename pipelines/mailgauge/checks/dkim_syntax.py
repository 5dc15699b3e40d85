"""A key that cannot be read: cut off by a form field, pasted with a mistake, of a kind nobody knows."""

from __future__ import annotations

from mailgauge import dkim_keys, replies
from mailgauge.dkim_keys import each_key, find_dkim, measure_key
from mailgauge.facts import DomainAnswers
from mailgauge.findings import HIGH, Finding

NAME = "dkim_syntax"
TOPIC = "DKIM"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = dkim_keys.REFERENCES
REPLY = replies.NO_DKIM


def check(facts: DomainAnswers) -> list[Finding]:
    """Say which cannot be read, and why."""
    found = []
    steps = "Publish the key at {name} again, whole, in strings of at most 255 characters."
    for key, tags in each_key(facts):
        try:
            measure_key(tags)
        except ValueError as error:
            title = "DKIM record could not be parsed."
            found.append(find_dkim(NAME, facts, key, HIGH, title, steps, error=str(error)))
    return found
