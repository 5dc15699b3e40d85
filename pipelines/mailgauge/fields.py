"""Single fields of the small streams: times, ARNs, addresses, and the identity of what they belong to."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mailgauge.shapes import MisfitError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = datetime(2011, 1, 1)  # noqa: DTZ001 (a column of UTC without zone)
_IN_ANGLES = re.compile(r"<([^<>]*)>[^<>]*$")
_DOMAIN = re.compile(r"@([^@<>\s]+)[>\s]*$")
_TIME_PARTS = 6
_SHORTEST_TIME = 3
_ARN_PARTS = 6


class Arn(NamedTuple):
    """The parts of an Amazon resource name that tell something; each None where it is missing."""

    region: str | None
    account_id: str | None
    resource: str


def read_time(value: Any, name: str) -> datetime:  # noqa: ANN401 (any JSON value)
    """A time in UTC without zone, from ISO text, milliseconds, or Java's list of parts; MisfitError for any other."""
    if value is None:
        raise MisfitError(f"it has no {name}")
    try:
        time = _parse_time(value)
    except (ValueError, TypeError, OverflowError):
        raise MisfitError(f"its {name} cannot be read: {str(value)[:100]}") from None
    if time < _FIRST:
        raise MisfitError(f"its {name} is before Amazon SES existed (2011): {str(value)[:100]}")
    return time


def _parse_time(value: Any) -> datetime:  # noqa: ANN401 (any JSON value)
    if isinstance(value, list):
        if len(value) < _SHORTEST_TIME:
            raise ValueError
        nanoseconds = value[_TIME_PARTS] if len(value) > _TIME_PARTS else 0
        return datetime(*value[:_TIME_PARTS]) + timedelta(microseconds=nanoseconds // 1000)  # noqa: DTZ001
    if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()):
        time = _EPOCH + timedelta(milliseconds=int(value))
    else:
        time = datetime.fromisoformat(value)
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def read_number(value: str | None) -> int | None:
    """A whole number that a 64-bit column can hold, or None."""
    try:
        number = int(value or "")
    except ValueError:
        return None
    return number if abs(number) < 1 << 63 else None


def parse_arn(text: str | None) -> Arn:
    """The parts of `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`."""
    parts = (text or "").split(":", 5)
    if len(parts) < _ARN_PARTS:
        return Arn(None, None, "")
    return Arn(parts[3] or None, parts[4] or None, parts[5])


def plain_address(text: str | None) -> str | None:
    """The address in lower case: jane@example.com of "Jane Doe" <jane@example.com>."""
    if text is None:
        return None
    found = _IN_ANGLES.search(text)
    return (found.group(1) if found else text).strip().lower() or None


def domain_of(address: str | None) -> str | None:
    """What stands behind the last @."""
    if address is None or "@" not in address:
        return None
    return address.rpartition("@")[2] or None


def from_domain(address: str | None) -> str | None:
    """The domain of a From header or an envelope sender."""
    found = _DOMAIN.search(address or "")
    return found.group(1).lower() if found else None


def identify(*parts: object) -> str:
    """An identifier that is the same wherever the same parts arrive again."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return str(uuid.UUID(bytes=hashlib.md5(text.encode(), usedforsecurity=False).digest()))
