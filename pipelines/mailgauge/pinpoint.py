"""Pinpoint's e-mail events as SES's own: the same facts in snake case (Pinpoint, event stream of e-mail events).

Documented by a sample: send, delivered, open, click. Of the others only the names are published, so their own objects
are taken under any likely name, or as empty; that is unverified.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

_EVENTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "_email.send": ("Send", "send", ("send",)),
    "_email.delivered": ("Delivery", "delivery", ("delivery", "delivered")),
    "_email.rejected": ("Reject", "reject", ("reject", "rejected")),
    "_email.hardbounce": ("Bounce", "bounce", ("bounce", "hardbounce", "hard_bounce")),
    "_email.softbounce": ("Bounce", "bounce", ("bounce", "softbounce", "soft_bounce")),
    "_email.complaint": ("Complaint", "complaint", ("complaint",)),
    "_email.open": ("Open", "open", ("open",)),
    "_email.click": ("Click", "click", ("click",)),
    "_email.unsubscribe": ("Subscription", "subscription", ("unsubscribe", "subscription")),
    "_email.rendering_failure": ("Rendering Failure", "failure", ("rendering_failure", "failure")),
}
"""Pinpoint's event_type: SES's eventType, the key of its own object, and the names Pinpoint may give that."""

_SAID_BY_NAME: dict[str, dict[str, Any]] = {
    "_email.hardbounce": {"bounceType": "Permanent"},
    "_email.softbounce": {"bounceType": "Transient"},
    "_email.unsubscribe": {"newTopicPreferences": {"unsubscribeAll": True}},
}
"""What the name of an event says."""

_TAGS = (
    "campaign_id", "treatment_id", "campaign_activity_id", "journey_id", "journey_run_id", "journey_activity_id",
)  # fmt: skip
_SPELLED = {"reporting_mta": "reportingMTA", "from_address": "source", "message_send_timestamp": "timestamp"}
_WORD = re.compile(r"_([a-z0-9])")
_DEEPEST = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def translate_event(value: dict[str, Any]) -> dict[str, Any] | None:
    """The SES event that says what a Pinpoint event says, with "_origin" set, or None for an unknown event_type.

    A part that is missing or of another shape is left out; what the event then lacks is found when it is read.
    """
    kind = value.get("event_type")
    known = _EVENTS.get(kind) if isinstance(kind, str) else None
    if known is None:
        return None
    event_type, key, names = known
    told = _path(value, "facets", "email_channel", "mail_event")
    own: dict[str, Any] = next((told[name] for name in names if isinstance(told.get(name), dict)), {})
    time = _iso(value.get("arrival_timestamp"))  # event_timestamp is the time of sending, whatever happened
    said = {"timestamp": time} if time else {}
    return {
        "eventType": event_type,
        "mail": _translate_mail(value, told.get("mail")),
        key: {**_camel(own), **said, **_SAID_BY_NAME.get(str(kind), {})},
        "_origin": "pinpoint",
    }


def _translate_mail(value: dict[str, Any], told: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON value)
    mail = _camel(told) if isinstance(told, dict) else {}
    headers = mail.get("commonHeaders")
    if isinstance(headers, dict) and isinstance(headers.get("from"), str):
        headers["from"] = [headers["from"]]
    sent = mail.get("timestamp", value.get("event_timestamp"))
    attributes = _path(value, "attributes")
    tags = {name: [str(attributes[name])] for name in _TAGS if attributes.get(name) is not None}
    app = _path(value, "application").get("app_id")
    known = {
        "timestamp": _iso(sent),
        "sendingAccountId": value.get("awsAccountId"),
        "tags": tags | ({"app_id": [str(app)]} if app is not None else {}),
    }
    return mail | {key: part for key, part in known.items() if part is not None}


def _path(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The object at the end of `keys`, or an empty one."""
    for key in keys:
        inner = value.get(key)
        if not isinstance(inner, dict):
            return {}
        value = inner
    return value


def _camel(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 (any JSON value)
    """The same with SES's spelling of the keys; what lies deeper than anything known is left out."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_camel(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    return {_SPELLED.get(key) or _spell(key): _camel(part, depth + 1) for key, part in value.items()}


def _spell(key: str) -> str:
    return _WORD.sub(lambda found: found.group(1).upper(), key)


def _iso(milliseconds: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Milliseconds since 1970 in SES's form; what is no such number comes back as it is."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return milliseconds
    try:
        time = _EPOCH + timedelta(milliseconds=int(milliseconds))
    except (OverflowError, ValueError):
        return str(milliseconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"
