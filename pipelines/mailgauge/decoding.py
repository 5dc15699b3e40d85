"""JSON text into values, as DuckDB reads it: it minds neither a thousand levels nor a number too large."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


class NotJsonError(Exception):
    """A text is no JSON document; the message says why, as the end of a sentence that begins with what it is."""


def decode_json(text: str | bytes) -> Any:  # noqa: ANN401 (any JSON value)
    """The value of one JSON document, or NotJsonError."""
    try:
        return parse_json(text)
    except UnicodeError:
        raise NotJsonError("is not UTF-8") from None
    except RecursionError:
        raise NotJsonError("is nested too deeply to be an event") from None
    except msgspec.DecodeError as error:
        raise NotJsonError(_explain(text, str(error))) from None
    except ValueError as error:
        raise NotJsonError(f"is not valid JSON: {error}") from None


def parse_json(text: str | bytes) -> Any:  # noqa: ANN401 (any JSON value)
    """The value of one JSON document, or the decoder's own error."""
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        with _deeper_stack():
            return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        if "out of range" not in str(error):
            raise
        return json.loads(text)


@contextmanager
def _deeper_stack() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 5000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _explain(text: str | bytes, message: str) -> str:
    if text.lstrip()[:1] not in ("{", "[", b"{", b"["):
        return "is not JSON"
    if "truncated" in message:
        return "is cut off: the JSON does not end"
    return f"is not valid JSON: {message}"
