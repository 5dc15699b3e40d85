"""An object's text in pieces that end with a line, kept in memory, and the files as which DuckDB reads them."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

from fsspec import AbstractFileSystem

from mailgauge.containers import TornError
from mailgauge.records import LONGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PROTOCOL = "mailgauge"
"""What the names of these files begin with."""

PIECE_BYTES = 1 << 21
"""About how long a piece is: each costs DuckDB a quarter of a millisecond, and is read again for one bad record."""


class NoLinesError(Exception):
    """A text is not newline-delimited, or a line of it is too long to be a record."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of an object's text that ends with a line."""

    text: bytes
    lines: int
    """How many of its lines hold anything; a guess where blank ones turn up late, which costs a second look."""


def begins_with_line(first: bytes) -> bool:
    """Whether the first line is a whole document, or too long to tell."""
    line, newline, _ = first.lstrip().partition(b"\n")
    return line.startswith(b"{") and (line.rstrip().endswith(b"}") or not newline)


def is_joined(first: bytes) -> bool:
    """Whether records look as if they stood side by side on a line."""
    return b"}{" in first


def part_records(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Put a line break between records that stand side by side, also where a chunk ends between them."""
    last = b""
    for chunk in chunks:
        yield (b"\n" if last == b"}" and chunk[:1] == b"{" else b"") + chunk.replace(b"}{", b"}\n{")
        last = chunk[-1:]


def cut_pieces(chunks: Iterator[bytes], *, longest: int) -> Iterator[Piece]:
    """Cut newline-delimited text into pieces; raises NoLinesError at a line of more than `longest` bytes."""
    parts: list[bytes] = []
    size = open_size = lines = 0
    first = next(chunks, b"")
    has_blanks = b"\n\n" in first
    for chunk in chain([first], chunks):
        end = chunk.rfind(b"\n") + 1
        lines += _count_lines(chunk, parts[-1] if parts else b"", has_blanks=has_blanks)
        open_size = len(chunk) - end if end else open_size + len(chunk)
        if open_size > longest:
            raise NoLinesError
        size += len(chunk)
        if size < PIECE_BYTES or not end:
            parts.append(chunk)
            continue
        parts.append(chunk[:end])
        yield Piece(b"".join(parts), lines)
        rest = chunk[end:]
        parts, size, lines = [rest] if rest else [], len(rest), 0
    if parts:
        yield Piece(b"".join(parts), lines + (not parts[-1].endswith(b"\n")))


def _count_lines(chunk: bytes, before: bytes, *, has_blanks: bool) -> int:
    """The lines that end in `chunk`, without the blank ones where the text is known to have some."""
    ends = chunk.count(b"\n")
    if has_blanks:
        ends -= chunk.count(b"\n\n") + (before[-1:] in (b"\n", b"") and chunk[:1] == b"\n")
    return ends


class ObjectText:
    """An object's text, read a few pieces at a time."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Read from `chunks`, which may raise TornError."""
        self.has_lines = True
        """Whether it is newline-delimited; otherwise it ends early, where that shows."""
        self.is_rewritten = False
        """Whether line breaks were put between its records, on the look of them alone."""
        self.error: str | None = None
        """Why it cannot be read to its end."""
        self.is_over = False
        self._pieces = self._cut(chunks)

    def read(self, size: int) -> list[Piece]:
        """The next pieces, about `size` bytes of them."""
        taken = []
        for piece in self._pieces:
            taken.append(piece)
            size -= len(piece.text)
            if size < 0:
                return taken
        self.is_over = True
        return taken

    def _cut(self, chunks: Iterator[bytes]) -> Iterator[Piece]:
        try:
            first = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
            self.has_lines = not first or begins_with_line(first)
            self.is_rewritten = is_joined(first)
            whole = chain([first], chunks)
            if self.has_lines:
                yield from cut_pieces(part_records(whole) if self.is_rewritten else whole, longest=LONGEST_BYTES)
        except NoLinesError:
            self.has_lines = False
        except TornError as torn:
            self.error = str(torn)


class TextFiles(AbstractFileSystem):  # type: ignore[misc] # fsspec ships no types
    """Texts in memory as files that DuckDB can open."""

    protocol: ClassVar[str] = PROTOCOL
    cachable = False

    def __init__(self) -> None:
        """Hold nothing."""
        super().__init__()
        self._texts: dict[str, bytes] = {}
        self._count = 0

    @contextmanager
    def serving(self, texts: Sequence[bytes]) -> Iterator[list[str]]:
        """Serve each text by a name, in order; a name is never used twice, so that nothing can be cached under it."""
        names = [f"{PROTOCOL}://{self._count + place}.json" for place in range(len(texts))]
        self._count += len(texts)
        self._texts |= zip(names, texts, strict=True)
        try:
            yield names
        finally:
            self._texts.clear()

    def open(self, path: str, *_: Any, **__: Any) -> io.BytesIO:  # noqa: ANN401 (fsspec's)
        """Open a text for reading."""
        return io.BytesIO(self._texts[path])

    def size(self, path: str) -> int:
        """How many bytes a text has."""
        return len(self._texts[path])

    def glob(self, path: str, **_: Any) -> list[str]:  # noqa: ANN401 (fsspec's)
        """Names hold no pattern."""
        return [path]

    def modified(self, path: str) -> datetime:
        """A text never changes."""
        _ = path
        return datetime.fromtimestamp(0, UTC)
