"""What the events of a configuration set never tell though there is such mail: what it does not publish; pure.

What does not arrive is in no rate: without Send there is no denominator, without Bounce and Complaint all looks well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.findings import Finding

if TYPE_CHECKING:
    from mailgauge.mail_facts import SetEvents

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


def expect(count: int, of_all: int, here: int) -> float:
    """How many there would be among `here`, were they as frequent as elsewhere."""
    return here * count / of_all if of_all else 0.0


def say_expected(many: float) -> str:
    """How many there would be, in a sentence."""
    return f"As in the other mail of its identities there would be about {many:,.0f}."


def find_unpublished(check: str, facts: SetEvents, event: str, impact: str, said: str) -> Finding:
    """The finding that no event of a type arrives."""
    return Finding(
        check=check,
        resource=facts.resource,
        kind=event.lower(),
        impact=impact,
        title=f"Configuration set {facts.configuration_set} seems to publish no {event.capitalize()} events.",
        evidence={"said": f"In 30 days: {said}", "event": event},
        remedy=_REMEDY.format(name=facts.configuration_set, event=event),
        reference_urls=REFERENCES,
    )
