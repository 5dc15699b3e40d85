"""Google's spam rate of a domain (Postmaster Tools): Gmail tells SES of no complaint, so this is all there is of it.

Google wants it below 0.10 % and never at 0.30 % or more. A day at 0.30 % takes a sender's right to mitigation for the
seven days that follow. It is Google's number: of the mail in inboxes, by the day of the mark.
"""

from __future__ import annotations

from mailgauge.facts import NotCheckedError
from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.postmaster_facts import GoogleWord
from mailgauge.rates import percent

NAME = "google_spam_rate"
TOPIC = "Google Postmaster Tools"
FACTS = GoogleWord
READS = ()
REFERENCES = ("https://support.google.com/a/answer/81126", "https://support.google.com/a/answer/14229414")
REPLY = ""

LOW_LINE, HIGH_LINE = 0.001, 0.003
_REMEDY = (
    "Find the mailing that Gmail's readers marked: `mailgauge metrics open_rate --by day,subject --where isp=Gmail`, "
    "beside `mailgauge systems google`. Send first to those who open and click, take off who never does, and make "
    "leaving easier than complaining (one-click unsubscribing)."
)


def check(facts: GoogleWord) -> list[Finding]:
    """Say which line it is over, and when."""
    if not facts.spam_rates:
        raise NotCheckedError("Google's numbers of the last seven days are not imported")
    worst_day, worst = max(facts.spam_rates, key=lambda told: told[1])
    mean = sum(rate for _, rate in facts.spam_rates) / len(facts.spam_rates)
    if worst < HIGH_LINE and mean < LOW_LINE:
        return []
    newest_day, newest = facts.spam_rates[0]
    line = "0.3 %" if worst >= HIGH_LINE else "0.1 %"
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="spam_rate",
            impact=HIGH if worst >= HIGH_LINE else LOW,
            title=f"Google's spam rate of {facts.domain} has reached {line}.",
            evidence={
                "said": f"Google's number: at most {percent(worst)} (on {worst_day}) in seven days, {percent(mean)} on "
                f"average, {percent(newest)} on {newest_day}; {facts.recipients:,} recipients at Gmail.",
                "spam_rates": {day.isoformat(): rate for day, rate in facts.spam_rates},
            },
            remedy=_REMEDY,
            reference_urls=REFERENCES,
        )
    ]
