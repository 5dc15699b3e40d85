"""What a record looks like that the fast path loads without a second look; the twin of is_odd in arrivals.sql."""

from __future__ import annotations

import re

import msgspec

_TIME = re.compile(
    r"20[1-9]\d-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:?\d\d)"
)


class _Part(msgspec.Struct, rename="camel", gc=False):
    """Any event's own object: the fields that one of the ten has to have."""

    timestamp: str | None = None
    recipients: list[str] | None = None
    bounced_recipients: list[_Address] | None = None
    complained_recipients: list[_Address] | None = None
    delayed_recipients: list[_Address] | None = None
    bounce_type: str | None = None
    reason: str | None = None
    error_message: str | None = None


class _Address(msgspec.Struct, rename="camel", gc=False):
    email_address: str


class _Headers(msgspec.Struct, gc=False):
    from_: list[str] | None = msgspec.field(name="from", default=None)


class _Mail(msgspec.Struct, rename="camel", gc=False):
    message_id: str
    destination: list[str]
    tags: dict[str, list[str]]
    timestamp: str | None = None
    common_headers: _Headers | None = None


class _Event(msgspec.Struct, rename="camel", gc=False):
    event_type: str
    mail: _Mail
    bounce: _Part | None = None
    complaint: _Part | None = None
    delivery: _Part | None = None
    reject: _Part | None = None
    open: _Part | None = None
    click: _Part | None = None
    failure: _Part | None = None
    delivery_delay: _Part | None = None
    subscription: _Part | None = None


_EMPTY = _Part()
_DECODER = msgspec.json.Decoder(_Event)


def is_clean(record: bytes) -> bool:
    """Whether the fast path has loaded this record.

    A wrong answer is caught by counting: the object's clean records must be as many as were loaded from it.
    """
    try:
        record.decode()  # the decoder passes over what it does not ask for
        event = _DECODER.decode(record)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    mail = event.mail
    if not mail.message_id.strip() or not mail.tags.get("ses:configuration-set"):
        return False
    if event.event_type not in ("DeliveryDelay", "Rendering Failure") and not (
        mail.common_headers and mail.common_headers.from_ is not None
    ):
        return False
    return _is_complete(event)


def _is_complete(event: _Event) -> bool:
    """Whether the event's own object says when it happened and to whom."""
    addresses, time = _addresses(event)
    return bool(addresses) and bool(time and _TIME.fullmatch(time))


def _addresses(event: _Event) -> tuple[list[str] | None, str | None]:  # noqa: PLR0911 (a line a type reads best)
    mail = event.mail
    match event.event_type:
        case "Send":
            return mail.destination, mail.timestamp
        case "Reject":
            return mail.destination if (event.reject or _EMPTY).reason is not None else None, mail.timestamp
        case "Rendering Failure":
            return mail.destination if (event.failure or _EMPTY).error_message is not None else None, mail.timestamp
        case "Delivery":
            part = event.delivery or _EMPTY
            return part.recipients, part.timestamp
        case "Open" | "Click" | "Subscription":
            part = getattr(event, event.event_type.lower()) or _EMPTY
            return mail.destination, part.timestamp
        case "Bounce":
            part = event.bounce or _EMPTY
            return _told(part.bounced_recipients if part.bounce_type is not None else None), part.timestamp
        case "Complaint":
            part = event.complaint or _EMPTY
            return _told(part.complained_recipients), part.timestamp
        case "DeliveryDelay":
            part = event.delivery_delay or _EMPTY
            return _told(part.delayed_recipients), part.timestamp
    return None, None


def _told(recipients: list[_Address] | None) -> list[str] | None:
    return None if recipients is None else [recipient.email_address for recipient in recipients]
