"""Bounces and complaints that arrive as feedback notifications (SNS) beside published events of the same identity.

The same bounce then comes twice; mailgauge counts it once, but whoever else reads both streams counts it twice, and
notifications know neither opens nor tags.
"""

from __future__ import annotations

from mailgauge.findings import LOW, Finding
from mailgauge.mail_facts import IdentityMail
from mailgauge.ses_calls import call, propose_call

NAME = "legacy_notification"
TOPIC = "Event publishing"
FACTS = IdentityMail
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html",)
REPLY = ""

_REMEDY = (
    "Where event publishing has all you need, turn the notifications off: those of bounces, and in the same way "
    "those of complaints and deliveries."
)


def check(facts: IdentityMail) -> list[Finding]:
    """Say how many came as notifications."""
    if not facts.notifications or not facts.published:
        return []
    found = Finding(
        check=NAME,
        resource=facts.resource,
        kind="both",
        impact=LOW,
        title=f"{facts.identity} tells bounces and complaints by notification, too.",
        evidence={
            "said": f"In seven days {facts.notifications:,} events came as feedback notifications, and "
            f"{facts.published:,} as published events.",
        },
        remedy=_REMEDY,
        reference_urls=REFERENCES,
    )
    topic = {"identity": facts.identity, "notification_type": "Bounce"}
    told = call("get-identity-notification-attributes", service="ses", identities=facts.identity)
    return [
        propose_call(
            found,
            call("set-identity-notification-topic", service="ses", **topic),
            verify=f"{told} prints no BounceTopic.",
            undo=call("set-identity-notification-topic", service="ses", **topic, sns_topic="the-topic-that-it-was"),
        )
    ]
