"""Objects as the files that DuckDB reads: unpacked and cut when it opens them, and mostly not kept.

What a file held is known by the number of its lines; an object of which DuckDB did not load as many is read again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from mailgauge.pieces import PIECE_BYTES, ObjectText
from mailgauge.sources import estimate_bytes, is_stored, read_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

    from mailgauge.arrivals import Arrival
    from mailgauge.pieces import Piece

AHEAD_BYTES = 64_000_000
"""About how much text of objects in S3 is read before DuckDB asks for it."""
KEPT_BYTES = 400_000_000
"""How much text may be kept before a statement ends early: it is looked at again while the next one runs."""


@dataclass(slots=True)
class Shown:
    """What is kept of a piece that DuckDB was shown."""

    size: int
    lines: int
    kept: Piece | None
    """The piece itself where it is dear to make again, or without its text where that may not be needed."""
    loaded: int = 0
    """How many of its records DuckDB loaded."""

    @property
    def is_told(self) -> bool:
        """Whether what is kept tells which of its records were not loaded."""
        is_enough = self.kept and (self.kept.text or self.kept.explains(self.loaded))
        return self.lines == self.loaded or bool(is_enough)

    def is_of(self, piece: Piece) -> bool:
        """Whether this is the same piece, read again."""
        return (self.size, self.lines) == (len(piece.text), piece.lines)


class Feed:
    """An object whose pieces are made one after the other, when they are asked for."""

    def __init__(self, arrival: Arrival) -> None:
        """Read nothing yet."""
        self.arrival = arrival
        self.shown: list[Shown] = []
        self.text = ObjectText(read_content(arrival.source))
        self.files = 1 + estimate_bytes(arrival.source) // PIECE_BYTES
        """In how many files it is expected to go; what is left after them goes in as many again."""
        self._places = range(0)
        """Those of the pieces that the statement reads."""
        self._texts: dict[int, bytes] = {}
        self._is_stopped = self._is_over = False
        self._failure: BaseException | None = None
        self._lock = Lock()

    def take_places(self) -> range:
        """The places of the pieces that the next statement reads."""
        with self._lock:
            first = min(self._texts, default=len(self.shown))
            self._places = range(first, first + self.files - first % self.files)
            self._is_stopped = False
            return self._places

    def make(self, place: int, *, is_last: bool = False) -> bytes:
        """The text of a piece; empty after the last.

        Where it `is_last` nothing more is read for the statement: what is asked for after it has been read or is empty.
        """
        with self._lock:
            self._is_stopped |= is_last
            self._read_until(lambda: len(self.shown) > place)
            return self._texts.pop(place, b"")

    def fill(self, size: int) -> None:
        """Read ahead, about `size` bytes."""
        with self._lock:
            self._read_until(
                lambda: len(self.shown) == self._places.stop or sum(map(len, self._texts.values())) >= size
            )

    def has_more(self) -> bool:
        """Whether there may be pieces for which there was no file."""
        with self._lock:
            return bool(self._texts) or (not self._is_over and (self._is_stopped or self._read()))

    def _read_until(self, is_enough: Callable[[], bool]) -> None:
        while not (self._is_stopped or is_enough()) and self._read():
            pass

    def _read(self) -> bool:
        if self._failure:
            raise self._failure
        try:
            piece = self.text.read()
        except BaseException as failure:
            self._failure = failure  # after it the text would seem to be over
            raise
        if piece:
            self._texts[len(self.shown)] = piece.text
            self.shown.append(Shown(len(piece.text), piece.lines, _keep(piece)))
        self._is_over = piece is None
        return not self._is_over


class Feeding:
    """The files of a statement."""

    def __init__(self, feeds: Sequence[Feed], pool: Executor) -> None:
        """Read the objects in S3 ahead, in `pool`: each takes its time to come."""
        self._feeds = feeds
        self._pool = pool
        self._asked = 0
        self._kept = 0
        self._first: bytes | None = None
        self._lock = Lock()
        self.places = [(number, place) for number, feed in enumerate(feeds) for place in feed.take_places()]
        """Of each file, the number of its object and the place of the piece in it."""
        self._ahead(0)

    def makers(self) -> list[Callable[[], bytes]]:
        """What makes each file."""
        return [partial(self._make, number, place) for number, place in self.places]

    def find(self, file: int) -> Feed:
        """The object that a file is of."""
        return self._feeds[self.places[file][0]]

    def _make(self, number: int, place: int) -> bytes:
        if self._first is not None and (number, place) == self.places[0]:
            return self._first  # DuckDB opens the only file of a statement twice
        is_last = self._kept > KEPT_BYTES
        if not is_last:
            self._ahead(number + 1)
        feed = self._feeds[number]
        text = feed.make(place, is_last=is_last)
        if text and (kept := feed.shown[place].kept):
            with self._lock:
                self._kept += len(kept.text)
        if (number, place) == self.places[0]:
            self._first = text
        return text

    def _ahead(self, number: int) -> None:
        """Have the objects from `number` on read, as many as are to be read ahead."""
        room = AHEAD_BYTES
        with self._lock:
            while number < len(self._feeds) and room > 0:
                feed = self._feeds[number]
                room -= feed.files * PIECE_BYTES
                if number >= self._asked and is_stored(feed.arrival.source.uri):
                    self._pool.submit(feed.fill, AHEAD_BYTES)
                number += 1
                self._asked = max(self._asked, number)


def _keep(piece: Piece) -> Piece | None:
    if piece.wrapped:
        return piece
    return replace(piece, text=b"") if piece.suspects else None


def find_pieces(feed: Feed) -> Iterator[tuple[Piece | None, Shown]]:
    """The pieces that DuckDB was shown, each with what was noted of it; None for one that is not the same now.

    The object is read again, but where what was kept tells all.
    """
    if all(shown.is_told for shown in feed.shown):
        yield from ((shown.kept, shown) for shown in feed.shown)
        return
    text = ObjectText(read_content(feed.arrival.source))
    for shown in feed.shown:
        piece = text.read()
        yield (piece if piece and shown.is_of(piece) else None), shown
