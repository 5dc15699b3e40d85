"""The records of an object that the fast path did not load, found by reading again only the pieces that miss some."""

from __future__ import annotations

import mmap
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mailgauge.clean import is_clean
from mailgauge.records import is_json, split_records
from mailgauge.sources import Segment, Unpacked, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mailgauge.records import Text

    Leftovers = list[tuple[int, bytes]]


class _AmbiguousError(Exception):
    """A piece does not tell which of its records were loaded."""


def find_leftovers(unpacked: Unpacked, original: Path, loaded: Sequence[int]) -> tuple[Leftovers, int, bool]:
    """The records not loaded, each with its position from 1; how many there are in all; whether it is all of them.

    `loaded` tells how many records of each piece were loaded. Where a piece has not as many clean records, or a broken
    record stands at its edge and may go on in the next, all records of the object come back, to be loaded one by one.
    """
    if unpacked.segments and not (unpacked.is_rewritten and _misses_any(unpacked, loaded)):  # a break may be in a text
        try:
            return *_find_in_segments(unpacked.segments, loaded), False
        except _AmbiguousError:
            pass
    records = [record for record in split_records(read_whole(original)) if record is not None]
    return list(enumerate(records, start=1)), len(records), True


def _misses_any(unpacked: Unpacked, loaded: Sequence[int]) -> bool:
    return any(segment.lines != count for segment, count in zip(unpacked.segments, loaded, strict=True))


def _find_in_segments(segments: list[Segment], loaded: Sequence[int]) -> tuple[Leftovers, int]:
    leftovers: Leftovers = []
    before = 0
    for segment, count in zip(segments, loaded, strict=True):
        if segment.lines == count:
            before += count
            continue
        found, total = _read_again(segment, count, is_only=len(segments) == 1)
        leftovers += [(before + position, record) for position, record in found]
        before += total
    return leftovers, before


def _read_again(segment: Segment, loaded: int, *, is_only: bool) -> tuple[Leftovers, int]:
    with _open_text(segment.path) as data:
        position, unclean = 0, []
        for position, record in enumerate(split_records(data, is_clean), start=1):
            if record is not None and not is_clean(record):
                unclean.append((position, record))
    edges = [record for place, record in unclean if place in (1, position)]
    if position - len(unclean) != loaded or (not is_only and not all(is_json(record) for record in edges)):
        raise _AmbiguousError
    return unclean, position


@contextmanager
def _open_text(path: Path) -> Iterator[Text]:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
