"""The records of a dump, one by one: where each begins and ends, whether it is what SES sends, and what it is if not.

The fast path (sql/raw/dump.sql) reads whole objects; what it does not know as clean comes here.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any

import msgspec

from mailgauge.decoding import NotJsonError, decode_json
from mailgauge.envelopes import Kind, Letter, is_housekeeping, open_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from mmap import mmap

    Text = bytes | mmap

LONGEST_BYTES = 32 * 1024 * 1024
"""A longer record is none of SES's: Firehose takes 1,000 KB at most (Firehose quotas)."""
_NEAR_BYTES = 1 << 20
"""How far the seam between two records on a line is looked for before every sign is."""

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
    place, line_end = 3 if data[:3] == b"\xef\xbb\xbf" else 0, -1
    while True:
        starts_line = place > line_end
        if starts_line:
            line_end = _end_of_line(data, place)
        if starts_line and is_known(data[place:line_end]):
            yield None
            place = line_end + 1
        elif found := _VISIBLE.search(data, place):
            start = found.start()
            if start > line_end:  # only blanks stood before
                place = start
                continue
            end = line_end
            if not starts_line or not is_json(data[start:end]):
                end = _find_end(data, start)
            yield data[start:end].rstrip()
            place, line_end = end, max(line_end, end - 1)
        else:
            return


def open_record(record: bytes, *, recover_failed: bool = False) -> list[Letter]:
    """Every letter in a record; one that says why where it cannot be read.

    With `recover_failed`, what Firehose wrote about a delivery that failed is opened as well, and what is in it.
    """
    try:
        letters = open_document(_decode(record))
    except UnreadableError as error:
        return [Letter(Kind.UNREADABLE, None, str(error))]
    except NotJsonError as error:
        if is_housekeeping(show_record(record)):
            return [Letter(Kind.IGNORED, None, "it is SES's word that a topic works")]
        return [Letter(Kind.UNREADABLE, None, f"it {error}")]
    if not recover_failed:
        return letters
    return [inner for letter in letters for inner in _recover(letter)]


def _decode(record: bytes) -> Any:  # noqa: ANN401 (any JSON value)
    if len(record) > LONGEST_BYTES:
        raise UnreadableError(f"it is {len(record) / 1e6:.0f} MB long; a Firehose record holds at most 1 MB")
    try:
        record.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"it is not UTF-8: {error.reason} at byte {error.start + 1}") from None
    return decode_json(record)


def _recover(letter: Letter) -> list[Letter]:
    """What is in a letter about a failed delivery, and any other as it is."""
    if letter.kind is not Kind.FAILED_DELIVERY:
        return [letter]
    try:
        text = read_failed(letter.document)
    except UnreadableError as error:
        return [Letter(Kind.UNREADABLE, letter.document, str(error))]
    inner = [part for record in split_records(text) for part in open_record(record or b"")]
    return inner or [
        Letter(Kind.UNREADABLE, letter.document, "it is a record of a failed Firehose delivery of nothing")
    ]


def read_failed(document: Mapping[str, Any]) -> bytes:
    """The record that Firehose could not process or convert, from the one it wrote about that, or UnreadableError."""
    data = document.get("rawData")
    code = document.get("errorCode") or document.get("ErrorCode") or "no error code"
    if not isinstance(data, str):
        raise UnreadableError(f"it is a record of a failed Firehose delivery ({code}) that lacks its rawData")
    try:
        return b64decode(data, validate=True)
    except (Base64Error, ValueError) as error:
        raise UnreadableError(f"the rawData of this failed Firehose delivery ({code}) is not base64: {error}") from None


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
    seam = data.find(b"}{", start, start + _NEAR_BYTES)
    if seam >= 0 and is_json(data[start : seam + 1]):
        return seam + 1
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
