"""An object's text in pieces that end with a line, and the files as which DuckDB reads them.

Events in envelopes are taken out of them here, so that the fast path knows them too.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from fsspec import AbstractFileSystem

from mailgauge.clean import is_clean
from mailgauge.containers import TornError
from mailgauge.envelopes import PLAIN, unwrap_event
from mailgauge.records import LONGEST_BYTES, is_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

PROTOCOL = "mailgauge"
"""What the names of these files begin with."""

PIECE_BYTES = 1 << 21
"""About how long a piece is: each costs DuckDB a quarter of a millisecond, and is read again for one bad record."""

MOST_SUSPECTS = 100
"""How many lines of a piece are noted that cannot be loaded: where there are more it is looked at again."""

_NEWLINE, _OPENING = b"\n{"
_ENDINGS = np.frombuffer(b"}\r\n", np.uint8)
"""What stands before the end of a line: of one of SES's, however it ends, or of none."""
_WORD = 8
"""How many bytes are looked at together."""
_SEAM = re.compile(rb'\}\{(?="[A-Za-z_])')
"""Between two records side by side; within a text it cannot stand, which would end at the quotation mark."""
_SEAM_BYTES = 3
"""How much of a seam may stand at the end of a chunk."""


class NoLinesError(Exception):
    """A text is not newline-delimited, or a line of it is too long to be a record."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of an object's text that ends with a line."""

    text: bytes
    """As it is read: an event stands for the envelope around it."""
    lines: int
    """How many of its lines hold anything."""
    wrapped: Mapping[int, bytes] = field(default_factory=dict)
    """The lines that were envelopes, by their places among the lines that hold anything."""
    suspects: Mapping[int, bytes] = field(default_factory=dict)
    """Lines of which it shows at once that they cannot be loaded, the first MOST_SUSPECTS of them."""

    def explains(self, loaded: int) -> bool:
        """Whether its suspects are what was not loaded, where `loaded` lines were."""
        return len(self.suspects) == self.lines - loaded


def begins_with_line(first: bytes) -> bool:
    """Whether the first line is a whole document, or too long to tell."""
    line, newline, _ = first.lstrip().partition(b"\n")
    return line.startswith(b"{") and (line.rstrip().endswith(b"}") or not newline)


def is_joined(first: bytes) -> bool:
    """Whether records stand side by side on a line."""
    return bool(_SEAM.search(first))


def part_records(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Put a line break between records that stand side by side, also where a chunk ends between them."""
    rest = b""
    for chunk in chunks:
        text = _SEAM.sub(b"}\n{", rest + chunk)
        rest = text[-_SEAM_BYTES:]
        yield text[:-_SEAM_BYTES]
    yield rest


def cut_pieces(chunks: Iterator[bytes], *, longest: int) -> Iterator[Piece]:
    """Cut newline-delimited text into pieces.

    Raises NoLinesError where a document spreads over lines, or a line is longer than `longest` bytes.
    """
    parts: list[bytes] = []
    size = open_size = 0
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        open_size = len(chunk) - end if end else open_size + len(chunk)
        if open_size > longest:
            raise NoLinesError
        size += len(chunk)
        if size < PIECE_BYTES or not end:
            parts.append(chunk)
            continue
        parts.append(chunk[:end])
        yield _make_piece(b"".join(parts))
        rest = chunk[end:]
        parts, size = [rest] if rest else [], len(rest)
    if any(parts):
        yield _make_piece(b"".join(parts))


def _make_piece(text: bytes) -> Piece:
    """The piece of `text`, whose lines are told by their first and last bytes."""
    signs = np.frombuffer(text, np.uint8)
    ends = _find_newlines(signs)
    starts = ends + 1
    if len(starts) and starts[-1] == len(text):
        starts = starts[:-1]
    first = signs[starts]
    odd = starts[first != _OPENING]
    if len(odd):
        _require_records(text, odd.tolist())
    starts = starts[first != _NEWLINE]
    if text[:1] != b"\n":
        starts = np.concatenate((np.zeros(1, starts.dtype), starts))
    return _unwrap(text, starts, _find_strange(signs, starts, np.append(ends, len(text))))


def _find_newlines(signs: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The places of line ends, looked for eight bytes at a time: thrice as fast, as few of them hold one."""
    found = np.empty(-(-len(signs) // _WORD) * _WORD, bool)
    np.equal(signs, _NEWLINE, out=found[: len(signs)])
    found[len(signs) :] = False
    words = np.flatnonzero(found.view(np.uint64) != 0)
    row, column = np.nonzero(found.reshape(-1, _WORD)[words])
    return words[row] * _WORD + column


def _find_strange(signs: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[int]:
    """The places of the lines that do not begin or end as SES's do."""
    usual = np.ones(len(starts), bool)
    for place, sign in enumerate(PLAIN):
        usual &= signs[np.minimum(starts + place, len(signs) - 1)] == sign
    odd = ends[~np.isin(signs[ends - 1], _ENDINGS)]
    if len(odd):
        usual[np.searchsorted(starts, odd) - 1] = False
    return np.flatnonzero(~usual).tolist()


def _unwrap(text: bytes, starts: NDArray[np.int64], strange: Iterable[int]) -> Piece:
    """The piece of `text` with the events of those of the `strange` lines that are envelopes."""
    wrapped: dict[int, bytes] = {}
    suspects: dict[int, bytes] = {}
    parts: list[bytes] = []
    done = 0
    for place in strange:
        start = int(starts[place])
        end = text.find(b"\n", start)
        line = text[start : end if end >= 0 else len(text)]
        event = unwrap_event(line)
        if event and is_json(event):  # half an event on a line may take the next one with it
            wrapped[place] = line
            parts += text[done:start], event
            done = start + len(line)
        elif len(suspects) < MOST_SUSPECTS and not is_clean(line):
            suspects[place] = line
    if wrapped:
        text = b"".join([*parts, text[done:]])
    return Piece(text, len(starts), wrapped, suspects)


def _require_records(text: bytes, starts: list[int]) -> None:
    """Raise NoLinesError where a line that begins like no document goes on with the one before: DuckDB would fail."""
    for start in starts:
        before = text[text.rfind(b"\n", 0, start - 1) + 1 : start]
        if text[start : start + 1] != b"\n" and before.lstrip().startswith((b"{", b"[")) and not is_json(before):
            raise NoLinesError


class ObjectText:
    """An object's text, piece by piece."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Read from `chunks`, which may raise TornError."""
        self.has_lines = True
        """Whether it is newline-delimited; otherwise it ends early, where that shows."""
        self.error: str | None = None
        """Why it cannot be read to its end."""
        self._pieces = self._cut(chunks)

    def read(self) -> Piece | None:
        """The next piece; None when it is over."""
        return next(self._pieces, None)

    def _cut(self, chunks: Iterator[bytes]) -> Iterator[Piece]:
        try:
            first = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
            self.has_lines = not first or begins_with_line(first)
            whole = chain([first], chunks)
            if self.has_lines:
                yield from cut_pieces(part_records(whole) if is_joined(first) else whole, longest=LONGEST_BYTES)
        except NoLinesError:
            self.has_lines = False
        except TornError as torn:
            self.error = str(torn)


class TextFiles(AbstractFileSystem):  # type: ignore[misc] # fsspec ships no types
    """Texts as files that DuckDB can open; each is made when it is opened, and not kept."""

    protocol: ClassVar[str] = PROTOCOL
    cachable = False

    def __init__(self) -> None:
        """Hold nothing."""
        super().__init__()
        self._makers: dict[str, Callable[[], bytes]] = {}
        self._sizes: dict[str, int] = {}
        self._count = 0

    @contextmanager
    def serving(self, makers: Sequence[Callable[[], bytes]]) -> Iterator[list[str]]:
        """Serve what each makes by a name, in order; a name is never used twice, so that nothing can be cached."""
        names = [f"{PROTOCOL}://{self._count + place}.json" for place in range(len(makers))]
        self._count += len(makers)
        self._makers |= zip(names, makers, strict=True)
        try:
            yield names
        finally:
            self._makers.clear()
            self._sizes.clear()

    def open(self, path: str, *_: Any, **__: Any) -> io.BytesIO:  # noqa: ANN401 (fsspec's)
        """Open a text for reading."""
        text = self._makers[path]()
        self._sizes[path] = len(text)
        return io.BytesIO(text)

    def size(self, path: str) -> int:
        """How many bytes a text has that is open."""
        return self._sizes[path]

    def glob(self, path: str, **_: Any) -> list[str]:  # noqa: ANN401 (fsspec's)
        """Names hold no pattern."""
        return [path]

    def modified(self, path: str) -> datetime:
        """A text never changes."""
        _ = path
        return datetime.fromtimestamp(0, UTC)
