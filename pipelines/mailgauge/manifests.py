"""A list of S3 objects as S3 itself tells of them: event notifications, as an SQS queue or an SNS topic dumps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import msgspec

from mailgauge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WRAPPED_IN = ("Body", "body", "Message", "Sns", "Messages", "Records")
"""Where SQS (by its API, to Lambda), SNS and a dump of several messages hold what they carry."""
_DEPTH = 16


def read_manifest(path: Path) -> list[str]:
    """The `s3://` objects that a file of notifications names as created, each once, in their order.

    The file is JSON, one document or one a line: S3 events, SQS messages, SNS envelopes, EventBridge events, and any of
    these inside another. Raises UsageError where it cannot be read or holds something else.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The manifest {path} cannot be read: {error.strerror}.") from None
    found: dict[str, None] = {}
    for place, text in _cut(data):
        try:
            document = msgspec.json.decode(text)
            found |= dict.fromkeys(_list_created(document, _DEPTH))
        except (msgspec.DecodeError, _StrangeError, RecursionError):
            raise UsageError(
                f"The manifest {path} holds something else than S3 event notifications in {place}: "
                "name a file of SQS messages or of S3 events, one a line."
            ) from None
    return list(found)


class _StrangeError(Exception):
    """A document is no notification."""


def _cut(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        for number, line in enumerate(data.splitlines(), start=1):
            if line.strip():
                yield f"line {number}", line
    else:
        yield "its one document", data


def _list_created(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 (any JSON value)
    if depth == 0:
        raise _StrangeError
    if isinstance(value, str):
        yield from _list_created(msgspec.json.decode(value), depth - 1)
    elif isinstance(value, list):
        for item in value:
            yield from _list_created(item, depth - 1)
    elif isinstance(value, dict):
        yield from _read_document(value, depth)
    else:
        raise _StrangeError


def _read_document(value: dict[str, Any], depth: int) -> Iterator[str]:
    detail = value.get("detail")
    if isinstance(value.get("s3"), dict):
        if str(value.get("eventName", "")).removeprefix("s3:").startswith("ObjectCreated:"):
            yield _name(value["s3"], is_quoted=True)
    elif isinstance(detail, dict) and "object" in detail:  # EventBridge's form, whose keys are plain
        if value.get("detail-type") == "Object Created":
            yield _name(detail, is_quoted=False)
    elif value.get("Event") != "s3:TestEvent":
        inner = next((value[key] for key in _WRAPPED_IN if key in value), None)
        yield from _list_created(inner, depth - 1)


def _name(part: dict[str, Any], *, is_quoted: bool) -> str:
    try:
        bucket, key = part["bucket"]["name"], part["object"]["key"]
    except (KeyError, TypeError):
        raise _StrangeError from None
    if not isinstance(bucket, str) or not isinstance(key, str):
        raise _StrangeError
    return f"s3://{bucket}/{unquote_plus(key) if is_quoted else key}"
