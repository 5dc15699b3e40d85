"""The records of a dump, one by one: where each begins and ends, whether it is what SES sends, and what it is if not.

The fast path (sql/raw/dump.sql) reads whole objects; what it does not know as clean comes here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from mailgauge import shapes
from mailgauge.decoding import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from mmap import mmap

    Text = bytes | mmap

LONGEST_BYTES = 32 * 1024 * 1024
"""A longer record is none of SES's: Firehose takes 1,000 KB at most (Firehose quotas)."""

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|["{}\[\]]')
_VISIBLE = re.compile(rb"\S")
_END_OF_TEXT = re.compile(rb"\n|(?=\{)")
_OPENING, _CLOSING = b"{[", b"}]"
_VALID = msgspec.json.Decoder(msgspec.Raw)


class UnreadableError(Exception):
    """A record cannot be an event; the message says why, as the end of a sentence."""


def split_records(data: Text, is_known: Callable[[bytes], bool] = lambda _: False) -> Iterator[bytes | None]:
    """Cut `data` into records: a line each, several to a line, or one over several lines.

    What is no JSON comes out as a record too, up to where the next one can begin, so that nothing is lost.
    A line that `is_known` comes out as None, which is fast.
    """
    place = 3 if data[:3] == b"\xef\xbb\xbf" else 0
    while True:
        line_end = data.find(b"\n", place)
        end = len(data) if line_end < 0 else line_end
        if is_known(data[place:end]):
            yield None
            place = end + 1
        elif found := _VISIBLE.search(data, place):
            start = found.start()
            end = _end_of_line(data, start)
            if not is_json(data[start:end]):
                end = _find_end(data, start)
            yield data[start:end].rstrip()
            place = end
        else:
            return


def read_record(record: bytes) -> dict[str, Any]:
    """Return the known fields of a record in the shapes that dump.sql reads, or raise UnreadableError."""
    if len(record) > LONGEST_BYTES:
        raise UnreadableError(f"it is {len(record) / 1e6:.0f} MB long; a Firehose record holds at most 1 MB")
    try:
        record.decode("utf-8")
        value = parse_json(record)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"it is not UTF-8: {error.reason} at byte {error.start + 1}") from None
    except RecursionError:
        raise UnreadableError("it is nested too deeply to be an event") from None
    except msgspec.DecodeError as error:
        raise UnreadableError(_explain_syntax(record, str(error))) from None
    if not isinstance(value, dict):
        raise UnreadableError(f"it is {shapes.name_kind(value)}, not an event")
    stranger = _name_stranger(value)
    if stranger:
        raise UnreadableError(f"it is {stranger}, which this version does not read")
    try:
        return shapes.fit_event(value)
    except shapes.MisfitError as misfit:
        raise UnreadableError(str(misfit)) from None


def show_record(record: bytes) -> str:
    """The text of a record for the quarantine; bytes that are not UTF-8 are written as backslash x NN."""
    return record.decode("utf-8", "backslashreplace")


def is_json(record: bytes) -> bool:
    """Whether a record is one JSON document."""
    try:
        _VALID.decode(record)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _find_end(data: Text, start: int) -> int:
    """Where the record that begins at `start` and is not one line of JSON ends."""
    if data[start : start + 1] not in (b"{", b"["):
        found = _END_OF_TEXT.search(data, start + 1)
        return found.start() if found else len(data)
    depth = 0
    for token in _TOKEN.finditer(data, start):
        sign, place = token.group(), token.start()
        if sign == b'"':  # a string that its line does not close: the record is cut off here
            return _end_of_line(data, place)
        if sign in (b"{", b"["):
            if depth and data[place - 1 : place] == b"\n":  # the next record begins: this one was cut off
                return place
            depth += 1
        elif sign in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return token.end()
    return len(data)


def _end_of_line(data: Text, place: int) -> int:
    end = data.find(b"\n", place)
    return len(data) if end < 0 else end


def _explain_syntax(record: bytes, message: str) -> str:
    if record[:1] != b"{":
        return "it is not JSON"
    if "truncated" in message:
        return "it is cut off: the JSON does not end"
    return f"it is not valid JSON: {message}"


def _name_stranger(value: dict[str, Any]) -> str | None:
    """What a document is that is known but not an event of event publishing, or None."""
    if "eventType" in value:
        return None
    kind = value.get("notificationType")
    detail = value.get("detail-type")
    tests = (
        (kind == "Received", "an inbound receipt notification"),
        (isinstance(kind, str), f"a legacy feedback notification ({str(kind)[:40]})"),
        ("TopicArn" in value and ("Message" in value or "Type" in value), "an SNS envelope"),
        (isinstance(detail, str), f"an EventBridge envelope ({str(detail)[:60]})"),
        ("Records" in value, "a Lambda event (Records)"),
        (str(value.get("event_type", "")).startswith("_email."), "a Pinpoint e-mail event"),
        ("ingress_point_type" in value, "a Mail Manager ingress log"),
        ("rule_set_name" in value, "a Mail Manager rule set log"),
        ("rawData" in value, "a record of a failed Firehose delivery"),
    )
    return next((name for is_it, name in tests if is_it), None)
