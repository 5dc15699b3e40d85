"""What a decoded JSON document is, told by its content alone, and what is in it when it is an envelope.

SES's events come bare (Firehose, raw SNS delivery), in SNS or EventBridge envelopes, and those in Lambda events, SQS
messages or CloudWatch Logs, one in the other. What is in an envelope is the same event as the bare one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from mailgauge import pinpoint
from mailgauge.decoding import NotJsonError, decode_json
from mailgauge.shapes import name_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    Document = dict[str, Any]

DEEPEST = 16
"""Levels that are opened; an event in EventBridge's envelope in SNS's in a Lambda event in a list is five down."""

VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing."
"""What SES publishes, as plain text, to a new SNS destination."""

_MOST_TEXTS = 3
"""JSON that was written as JSON text again is opened this many times."""


class Kind(StrEnum):
    """What a letter is; each kind but the last three has its own table."""

    EVENT = "event"
    INBOUND = "inbound"
    MAIL_MANAGER = "mail_manager"
    AWS_FINDING = "aws_finding"
    TENANT_STATUS = "tenant_status"
    FAILED_DELIVERY = "failed_delivery"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing that a record says. An event's document is in the shape of event publishing."""

    kind: Kind
    document: Any
    reason: str | None = None
    """Why it is ignored or cannot be read, as the end of a sentence that begins with "it" or "its"."""


_DETAILS = {"Advisor Recommendation Status": Kind.AWS_FINDING, "Sending Status": Kind.TENANT_STATUS}
"""How the detail-type begins of what SES tells EventBridge beside its events."""


_NOTHING = msgspec.Raw()


class _Envelope(msgspec.Struct, gc=False):
    """As much of an SNS or EventBridge envelope as it takes to find the event in it."""

    event_type: msgspec.Raw = msgspec.field(name="eventType", default=_NOTHING)
    topic: str | None = msgspec.field(name="TopicArn", default=None)
    type: str | None = msgspec.field(name="Type", default=None)
    message: str | None = msgspec.field(name="Message", default=None)
    detail_type: str | None = msgspec.field(name="detail-type", default=None)
    detail: msgspec.Raw = _NOTHING


_ENVELOPE = msgspec.json.Decoder(_Envelope)
PLAIN = b'{"eventType"'
"""How SES begins an event."""
_SIGNS = b'"TopicArn"', b'"detail-type"'
"""What stands in an envelope of SNS, and in one of EventBridge."""


def unwrap_event(record: bytes) -> bytes | None:
    """The text, on one line, of the event in an SNS or EventBridge envelope, or None: the quick way for most.

    It does not check the event: whoever takes the text has to read it, and open_document tells what is wrong.
    """
    if not any(sign in record for sign in _SIGNS):
        return None
    text = record
    for _ in range(DEEPEST):
        try:
            envelope = _ENVELOPE.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        if bytes(envelope.event_type):
            return None if text is record else text.replace(b"\n", b" ")
        inner = _inner_text(envelope)
        if inner is None:
            return None
        text = inner
        if text.startswith(PLAIN):
            return text.replace(b"\n", b" ")
    return None


def _inner_text(envelope: _Envelope) -> bytes | None:
    if envelope.message is not None and envelope.topic is not None and envelope.type in (None, "Notification"):
        return envelope.message.strip().encode()
    if (envelope.detail_type or "").startswith("Email "):
        return bytes(envelope.detail) or None
    return None


def is_housekeeping(text: str) -> bool:
    """Whether a text that is no JSON is what SES or SNS says to say that a topic works."""
    return text.strip() == VALIDATION


def open_document(value: object) -> list[Letter]:
    """Every letter in a decoded JSON value, in their order: one, or more where an envelope or a list holds several.

    It never raises: what it does not know is a letter of kind UNREADABLE with its reason.
    """
    letters: list[Letter] = []
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        found = _recognise(part)
        if isinstance(found, Letter):
            letters.append(found)
        elif not found:
            letters.append(Letter(Kind.IGNORED, part, "it holds nothing"))
        elif depth == DEEPEST:
            letters.append(_unreadable(part, f"it is more than {DEEPEST} envelopes and lists deep"))
        else:
            waiting.extend((inner, depth + 1) for inner in reversed(found))
    return letters


def _recognise(value: Any) -> Letter | list[Any]:  # noqa: ANN401 (any JSON value)
    """The letter that `value` is, or what is in it."""
    if isinstance(value, dict):
        for key, opener in _OPENERS:
            if key in value:
                found = opener(value)
                if found is not None:
                    return found
        return _unreadable(value, "it has no eventType")
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return _read_text(value, None)
    return _unreadable(value, f"it is {name_kind(value)}, not an event")


def _unreadable(value: object, reason: str) -> Letter:
    return Letter(Kind.UNREADABLE, value, reason)


def _read_text(value: object, name: str | None) -> Letter | list[Any]:
    """What a text called `name` holds, which is JSON, perhaps as JSON text once more."""
    if name is not None and not isinstance(value, str):
        return _unreadable(value, f"its {name} is {name_kind(value)} where text belongs")
    inner = value
    for _ in range(_MOST_TEXTS):
        if not isinstance(inner, str):
            return [inner]
        if is_housekeeping(inner):
            return Letter(Kind.IGNORED, value, "it is SES's word that a topic works")
        try:
            inner = decode_json(inner)
        except NotJsonError as error:
            return _unreadable(value, f"its {name} {error}" if name else "it is text, not an event")
    return [inner] if not isinstance(inner, str) else _unreadable(value, "it is text in a text, not an event")


def _open_event(value: Document) -> Letter:
    if "_origin" in value:  # ours to say
        value = {key: part for key, part in value.items() if key != "_origin"}
    return Letter(Kind.EVENT, value)


def _open_sns(value: Document) -> Letter | list[Any] | None:
    kind = value.get("Type")
    if kind in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        return Letter(Kind.IGNORED, value, f"it is SNS's {kind}")
    if "TopicArn" not in value and kind != "Notification":
        return None
    if value.get("Message") is None:
        return _unreadable(value, "it is an SNS envelope without a Message")
    message = value["Message"]
    return [message] if isinstance(message, dict) else _read_text(message, "SNS Message")


def _open_eventbridge(value: Document) -> Letter | list[Any]:
    kind, detail = value["detail-type"], value.get("detail")
    if isinstance(detail, str):
        return _read_text(detail, "detail")
    if not isinstance(detail, dict) or not isinstance(kind, str):
        return _unreadable(value, "it is an EventBridge envelope without a detail")
    if "eventType" in detail:
        return [detail]
    for words, meant in _DETAILS.items():
        if kind.startswith(words):
            return Letter(meant, value)
    if kind.startswith("Email "):
        return _unreadable(value, f"its EventBridge detail has no eventType ({kind[:60]})")
    return _unreadable(value, f"it is an EventBridge event that is none of SES's ({kind[:60]})")


def _open_notification(value: Document) -> Letter | None:
    """A feedback notification (SNS topics on an identity) tells the same as the event, under another key."""
    kind = value["notificationType"]
    if kind in ("Bounce", "Complaint", "Delivery"):
        return Letter(Kind.EVENT, {"eventType": kind, **value, "_origin": "notification"})
    if kind == "Received":
        return Letter(Kind.INBOUND, value)
    if kind == "AmazonSnsSubscriptionSucceeded":
        return Letter(Kind.IGNORED, value, "it is SES's word that a topic works")
    return _unreadable(value, f"its notificationType is none of SES's: {str(kind)[:100]}")


def _open_list(key: str) -> Callable[[Document], Letter | list[Any] | None]:
    """The opener of an envelope that holds a list under `key`."""

    def open_it(value: Document) -> Letter | list[Any]:
        inner = value[key]
        if isinstance(inner, list):
            return inner
        return _unreadable(value, f"its {key} is {name_kind(inner)} where a list belongs")

    return open_it


def _open_record(value: Document) -> Letter | list[Any]:
    """One of a Lambda event's Records from SNS."""
    inner = value["Sns"]
    if isinstance(inner, dict):
        return [inner]
    return _unreadable(value, f"its Sns is {name_kind(inner)} where an object belongs")


def _open_body(key: str, name: str) -> Callable[[Document], Letter | list[Any] | None]:
    return lambda value: _read_text(value[key], name)


def _open_log_event(value: Document) -> Letter | list[Any] | None:
    """One of the logEvents of CloudWatch Logs: Mail Manager's logs may come that way."""
    return _read_text(value["message"], "log message") if "id" in value and "timestamp" in value else None


def _open_receipt(value: Document) -> Letter | None:
    """One of a Lambda event's Records from SES's own Lambda action."""
    return Letter(Kind.INBOUND, value["ses"]) if isinstance(value["ses"], dict) else None


def _open_pinpoint(value: Document) -> Letter | None:
    kind = value["event_type"]
    if not isinstance(kind, str):
        return None
    if kind.startswith("_email."):
        event = pinpoint.translate_event(value)
        if event is None:
            return _unreadable(value, f"its event_type is none of Pinpoint's e-mail events: {kind[:100]}")
        return Letter(Kind.EVENT, event)
    if kind.startswith("_") and "arrival_timestamp" in value:
        return Letter(Kind.IGNORED, value, f"it is a Pinpoint event that is not about e-mail ({kind[:60]})")
    return None


def _open_strangers(value: Document) -> Letter:
    return _unreadable(value, "it is an S3 event notification, which names objects and holds none")


_OPENERS: tuple[tuple[str, Callable[[Document], Letter | list[Any] | None]], ...] = (
    ("eventType", _open_event),
    ("Message", _open_sns),
    ("detail-type", _open_eventbridge),
    ("notificationType", _open_notification),
    ("Sns", _open_record),
    ("ses", _open_receipt),
    ("body", _open_body("body", "SQS body")),
    ("Body", _open_body("Body", "SQS body")),
    ("Records", _open_list("Records")),
    ("Messages", _open_list("Messages")),
    ("logEvents", _open_list("logEvents")),
    ("message", _open_log_event),
    ("event_type", _open_pinpoint),
    ("ingress_point_type", lambda value: Letter(Kind.MAIL_MANAGER, value)),
    ("rule_set_name", lambda value: Letter(Kind.MAIL_MANAGER, value)),
    (
        "rawData",
        lambda value: Letter(
            Kind.FAILED_DELIVERY, value, "it is a record of a failed Firehose delivery, for `--recover-failed`"
        ),
    ),
    ("Type", _open_sns),
    ("TopicArn", _open_sns),
    ("s3", _open_strangers),
)
"""What a key says a document is; the first that knows it opens it."""
