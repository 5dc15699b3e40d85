"""The courses a message can take: one function for each fate, and the usual one."""

from collections.abc import Callable

from mailgauge.simulation.journey import HOUR, MINUTE, RETRY_MINUTES, SECOND, Journey

# Bounces that need no story: the column each counts in, and how long after sending it comes.
BOUNCES = {
    "permanent": ("Permanent", 2 * SECOND),
    "blocked": ("Permanent", 2 * SECOND),
    "no_email": ("Permanent", 40 * SECOND),
    "suppressed_global": ("Permanent", SECOND),
    "suppressed_account": ("suppressed", SECOND),
    "suppressed_tenant": ("suppressed", SECOND),
    "suppressed_validation": ("suppressed", SECOND),
    "mailbox_full": ("Transient", 4 * SECOND),
    "too_large": ("Transient", 3 * SECOND),
    "content": ("Transient", 3 * SECOND),
    "attachment": ("Transient", 3 * SECOND),
    "timeout": ("Transient", 2 * HOUR),
    "unreachable": ("Transient", 3 * HOUR),
    "undetermined": ("Undetermined", 20 * SECOND),
}
SIMULATED = {"success": "", "bounce": "permanent", "complaint": "complaint", "ooto": "auto_reply"}


def take_usual(journey: Journey) -> None:
    """Sent, delivered and perhaps read."""
    journey.read(journey.deliver(journey.send() + journey.latency()))


def take_bounce(journey: Journey, fate: str) -> None:
    """Sent and back."""
    column, after = BOUNCES[fate]
    journey.bounce(journey.send() + journey.spread(after, 3), fate, column)


def take_reject(journey: Journey) -> None:
    """SES finds a virus and sends nothing."""
    journey.tell("Reject", journey.send() + 800, counts=("rejects",))


def take_render_failure(journey: Journey) -> None:
    """The template fails: there is not even a Send."""
    journey.tell("Rendering Failure", journey.message.sent)


def take_suppressed_complaint(journey: Journey) -> None:
    """The recipient complained before and stands on the account's list: a complaint in name only."""
    journey.tell("Complaint", journey.send() + 900, "OnAccountSuppressionList")


def _complaint_delay(journey: Journey) -> int:
    is_quick = journey.chance(0.87)
    return journey.spread(4 * MINUTE, 90) if is_quick else journey.spread(6 * HOUR, 16)


def take_complaint(journey: Journey) -> None:
    """Delivered, and reported as spam within minutes or days."""
    delivered = journey.deliver(journey.send() + journey.latency())
    if journey.stream.opens and journey.chance(0.4):
        journey.open(delivered + journey.spread(MINUTE, 4), "Unlikely")
    journey.tell("Complaint", delivered + _complaint_delay(journey), "abuse", ("complaints",))


def take_not_spam(journey: Journey) -> None:
    """Delivered to the spam folder, and taken out of it."""
    delivered = journey.deliver(journey.send() + journey.latency())
    journey.tell("Complaint", delivered + _complaint_delay(journey), "not-spam", ("not_spam",))
    journey.read(delivered)


def take_auto_reply(journey: Journey) -> None:
    """Delivered and answered by a machine; the two events may come in either order."""
    delivered = journey.deliver(journey.send() + journey.latency())
    journey.bounce(delivered - 23 + journey.spread(2, 3000), "auto_reply", "auto_reply")
    journey.read(delivered)


def take_later_bounce(journey: Journey) -> None:
    """Delivered, and returned hours later by a server behind the first."""
    delivered = journey.deliver(journey.send() + journey.latency())
    journey.bounce(delivered + journey.spread(20 * MINUTE, 60), "later_bounce", "Permanent")


def take_unsubscribe(journey: Journey) -> None:
    """Delivered, opened, and left for good."""
    delivered = journey.deliver(journey.send() + journey.latency())
    opened = delivered + journey.spread(MINUTE, 400)
    journey.open(opened, "Unlikely")
    journey.tell("Subscription", opened + journey.spread(6 * SECOND, 10), "unsubscribe", ("unsubscribes",))


def take_preference(journey: Journey) -> None:
    """Delivered, and one topic of several given up: not an unsubscribe."""
    delivered = journey.deliver(journey.send() + journey.latency())
    journey.tell("Subscription", delivered + journey.spread(2 * MINUTE, 400), "preference")
    journey.read(delivered)


def _delay(journey: Journey, first: int, until: int) -> None:
    """Tell of up to three delays, each later than the last."""
    at = first
    for _ in range(3):
        if at < until:
            journey.tell("DeliveryDelay", at, "busy", ("delivery_delays",))
        at += journey.spread(15 * MINUTE, 8)


def take_deferred(journey: Journey) -> None:
    """Not now, says the provider, and takes it minutes or hours later."""
    sent = journey.send()
    delivered = sent + journey.spread(12 * MINUTE, 40)
    _delay(journey, sent + journey.spread(MINUTE, 8), delivered)
    journey.read(journey.deliver(delivered))


def take_expired(journey: Journey) -> None:
    """Not now, says the provider until SES gives up."""
    sent = journey.send()
    expired = sent + RETRY_MINUTES * MINUTE + journey.spread(SECOND, 60)
    _delay(journey, sent + journey.spread(2 * MINUTE, 10), expired)
    journey.bounce(expired, "expired", "Transient")


def take_simulator(journey: Journey) -> None:
    """Somebody tries SES's mailbox simulator; none of it counts."""
    outcome = SIMULATED[journey.message.recipients[0].partition("@")[0].partition("+")[0]]
    at = journey.send() + journey.latency()
    if outcome == "permanent":
        journey.bounce(at, outcome, "Permanent")
        return
    journey.deliver(at)
    if outcome == "auto_reply":
        journey.bounce(at - 23, "auto_reply", "auto_reply")
    if outcome == "complaint":
        journey.tell("Complaint", at - 23, "abuse")


def take_several(journey: Journey) -> None:
    """One message to several people: told together or one by one; opens could not be told apart and do not occur."""
    sent, groups = journey.send(), dict[int, list[int]]()
    for place, provider in enumerate(journey.message.providers):
        groups.setdefault(provider, []).append(place)
    for provider, places in groups.items():
        at = sent + journey.latency(provider)
        is_back = journey.chance(0.02)
        is_together = journey.chance(0.5)
        for to in [tuple(places)] if is_together else [(place,) for place in places]:
            if is_back:
                journey.bounce(at, "permanent", "Permanent", to)
            else:
                journey.deliver(at + journey.spread(10, 30), to)


COURSES: dict[str, Callable[[Journey], None]] = {
    "complaint": take_complaint,
    "reject": take_reject,
    "render_failure": take_render_failure,
    "simulator": take_simulator,
    "several": take_several,
    "not_spam": take_not_spam,
    "suppressed_complaint": take_suppressed_complaint,
    "unsubscribe": take_unsubscribe,
    "preference": take_preference,
    "later_bounce": take_later_bounce,
    "expired": take_expired,
    "auto_reply": take_auto_reply,
    "deferred": take_deferred,
}


def take_course(journey: Journey, fate: str) -> None:
    """Send a message on the course of its fate; an empty fate is the usual one."""
    if not fate:
        take_usual(journey)
    elif fate in BOUNCES:
        take_bounce(journey, fate)
    else:
        COURSES[fate](journey)
