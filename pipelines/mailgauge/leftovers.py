"""The records of a piece that the fast path did not load, found by reading again only the pieces that miss some."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mailgauge.clean import is_clean
from mailgauge.records import is_json, split_records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailgauge.pieces import Piece

    Leftovers = list[tuple[int, bytes]]


class AmbiguousError(Exception):
    """A piece does not tell which of its records were loaded."""


def find_leftovers(piece: Piece, loaded: int, *, is_whole: bool) -> tuple[Leftovers, int]:
    """The records of a piece that were not loaded, each with its position from 1, and how many there are in all.

    `loaded` tells how many were. Where the piece has not as many clean records, or a document that is broken ends a
    piece that is not the whole object, and may go on in the next, AmbiguousError says so.
    """
    found = _open_lines(piece.suspects, piece.lines) if piece.explains(loaded) else _find_broken_lines(piece, loaded)
    if found is None and piece.wrapped:  # its text is not the object's
        raise AmbiguousError
    unclean, total = found or _find_unclean(piece.text)
    ends = [record for place, record in unclean if place == total and record.lstrip().startswith((b"{", b"["))]
    if total - len(unclean) != loaded or not (is_whole or all(is_json(record) for record in ends)):
        raise AmbiguousError
    return unclean, total


_USUAL = re.compile(
    rb'\{"eventType":"'
    rb'(?:Send|Delivery|Bounce|Complaint|Open|Click|Reject|DeliveryDelay|Rendering Failure|Subscription)",'
)
"""How SES begins a record."""
_ID, _ID_BYTES = b'"messageId":"', 500
"""What each of SES's records has, and how near to its beginning."""


def _find_broken_lines(piece: Piece, loaded: int) -> tuple[Leftovers, int] | None:
    """The quick way: unusual lines come first, and the last that is missing ends it."""
    lines = [line for line in piece.text.split(b"\n") if line]
    missing = piece.lines - loaded
    if len(lines) != piece.lines or missing < 0:
        return None
    order = sorted(range(len(lines)), key=[_doubt(line) for line in lines].__getitem__)
    broken = sorted(islice((place for place in order if not is_clean(lines[place])), missing))
    if len(broken) < missing:
        return None
    return _open_lines({place: piece.wrapped.get(place, lines[place]) for place in broken}, piece.lines)


def _open_lines(lines: Mapping[int, bytes], total: int) -> tuple[Leftovers, int]:
    """The records on some of `total` lines, by their places in order, and how many records that makes in all."""
    found, before = [], 0
    for place, line in lines.items():
        records = [record for record in split_records(line) if record is not None]
        found += [(place + 1 + before + number, record) for number, record in enumerate(records)]
        before += len(records) - 1
    return found, total + before


def _doubt(line: bytes) -> int:
    """How early a line is worth a look, the lowest first: what SES does not write, then what may be no UTF-8."""
    if not (_USUAL.match(line) and line.endswith(b"}") and line.find(_ID, 0, _ID_BYTES) > 0):
        return 0
    return 2 if line.isascii() else 1


def _find_unclean(text: bytes) -> tuple[Leftovers, int]:
    """The sure way: every record is looked at."""
    total, unclean = 0, []
    for total, record in enumerate(split_records(text, is_clean), start=1):
        if record is not None and not is_clean(record):
            unclean.append((total, record))
    return unclean, total
