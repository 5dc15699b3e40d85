"""Looks at what the events of a configuration set never tell though there is such mail: what it does not publish.

What does not arrive is in no rate: without Send there is no denominator, without Bounce and Complaint all looks well.
"""

from __future__ import annotations

from mailgauge.findings import HIGH, LOW, Finding
from mailgauge.mail_facts import SetEvents

NAME = "event_publishing"
FACTS = SetEvents
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/event-publishing-create-configuration-set.html",)

MUCH = 1000
"""Recipients from which on none at all of a kind cannot be chance."""
EXPECTED = 20
"""Bounces or complaints that there would be, were they as frequent as in the identities' other mail."""

_REMEDY = (
    "See what its event destinations publish: aws sesv2 get-configuration-set-event-destinations "
    "--configuration-set-name {name}. Add {event} to MatchingEventTypes (aws sesv2 "
    "update-configuration-set-event-destination); for old mail nothing can be told any more."
)


def check(facts: SetEvents) -> list[Finding]:
    """Say which events are missing."""
    found = []
    if not facts.sends and facts.sends_unseen >= MUCH:
        found.append(("SEND", HIGH, f"{facts.sends_unseen:,} recipients were told of whose Send never came."))
    if not facts.deliveries and facts.sends >= MUCH:
        found.append(("DELIVERY", HIGH, f"{facts.sends:,} recipients were sent to and not one Delivery came."))
    bounces = _expect(facts.others_bounces, facts.others_sends, facts.sends + facts.sends_unseen)
    if not facts.bounces and bounces >= EXPECTED:
        found.append(("BOUNCE", HIGH, f"As in the other mail of its identities there would be about {bounces:,.0f}."))
    complaints = _expect(facts.others_complaints, facts.others_feedback_deliveries, facts.feedback_deliveries)
    if not facts.complaints and complaints >= EXPECTED:
        found.append(
            ("COMPLAINT", LOW, f"As in the other mail of its identities there would be about {complaints:,.0f}.")
        )
    return [_find(facts, event, impact, said) for event, impact, said in found]


def _expect(count: int, of_all: int, here: int) -> float:
    return here * count / of_all if of_all else 0.0


def _find(facts: SetEvents, event: str, impact: str, said: str) -> Finding:
    return Finding(
        check=NAME,
        resource=facts.resource,
        kind=event.lower(),
        impact=impact,
        title=f"Configuration set {facts.configuration_set} seems to publish no {event.capitalize()} events.",
        evidence={"said": f"In 30 days: {said}", "event": event},
        remedy=_REMEDY.format(name=facts.configuration_set, event=event),
        reference_urls=REFERENCES,
    )
