"""The shape of an SES event: which keys hold text, lists, objects and maps (AWS, event publishing contents).

The same shape stands in sql/raw/dump.sql; a test holds the two equal.
"""

from __future__ import annotations

from typing import Any

import msgspec

TEXT = "text"
TEXTS = [TEXT]
JSON = "json"
"""Any value, kept as it is."""

_RECIPIENT = {"emailAddress": TEXT, "status": TEXT, "diagnosticCode": TEXT}
_READER = {"timestamp": TEXT, "ipAddress": TEXT, "userAgent": TEXT, "isBotEvent": TEXT}
_FEEDBACK = {"timestamp": TEXT, "feedbackId": TEXT}

EVENT: dict[str, Any] = {
    "eventType": TEXT,
    "mail": {
        "timestamp": TEXT,
        "messageId": TEXT,
        "source": TEXT,
        "sourceArn": TEXT,
        "sendingAccountId": TEXT,
        "destination": TEXTS,
        "tags": JSON,
        "commonHeaders": {"from": TEXTS, "subject": TEXT},
        "headers": [{"name": TEXT, "value": TEXT}],
        "headersTruncated": TEXT,
    },
    "bounce": {
        **_FEEDBACK,
        "bounceType": TEXT,
        "bounceSubType": TEXT,
        "bouncedRecipients": [_RECIPIENT],
        "reportingMTA": TEXT,
        "remoteMtaIp": TEXT,
    },
    "complaint": {
        **_FEEDBACK,
        "complaintSubType": TEXT,
        "complaintFeedbackType": TEXT,
        "userAgent": TEXT,
        "complainedRecipients": [_RECIPIENT],
    },
    "delivery": {
        "timestamp": TEXT,
        "recipients": TEXTS,
        "smtpResponse": TEXT,
        "processingTimeMillis": TEXT,
        "reportingMTA": TEXT,
        "remoteMtaIp": TEXT,
    },
    "reject": {"reason": TEXT},
    "open": _READER,
    "click": {**_READER, "link": TEXT, "linkTags": TEXT},
    "failure": {"templateName": TEXT, "errorMessage": TEXT},
    "deliveryDelay": {
        "timestamp": TEXT,
        "expirationTime": TEXT,
        "delayType": TEXT,
        "reportingMTA": TEXT,
        "delayedRecipients": [_RECIPIENT],
    },
    "subscription": {
        "timestamp": TEXT,
        "contactList": TEXT,
        "source": TEXT,
        "newTopicPreferences": TEXT,
    },
}

SPARE = frozenset({"headers"})
"""No event is about these: where they have another shape they are left out, as SQL leaves them out."""


class MisfitError(Exception):
    """A value has a shape that its key cannot have; the message is the end of a sentence."""


def fit_event(value: dict[str, Any]) -> dict[str, Any]:
    """Return the known keys of `value` in the shape of EVENT, or raise MisfitError."""
    return fit_document(value, EVENT)


def fit_document(value: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """Return the known keys of `value` in `shape`, or raise MisfitError.

    Text may be written as a number or a boolean, and a list of one as that one; unknown keys are left out.
    """
    return _fit_parts(value, shape, "")


def name_kind(value: object) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a value")


def _fit(value: Any, shape: Any, path: str) -> Any:  # noqa: ANN401 (any JSON value in, any out)
    if value is None or shape == JSON:
        return value
    if shape == TEXT:
        return _as_text(value)
    if isinstance(shape, list):
        items = value if isinstance(value, list) else [value]
        return [_fit(item, shape[0], path) for item in items]
    if not isinstance(value, dict):
        raise MisfitError(f"its {path} is {name_kind(value)} where an object belongs")
    return _fit_parts(value, shape, f"{path}.")


def _fit_parts(value: dict[str, Any], shape: dict[str, Any], path: str) -> dict[str, Any]:
    fitted = {}
    for key, part in shape.items():
        if value.get(key) is not None:
            try:
                fitted[key] = _fit(value[key], part, path + key)
            except MisfitError:
                if key not in SPARE:
                    raise
    return fitted


def _as_text(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
