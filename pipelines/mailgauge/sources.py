"""The objects of a dump on disk: which there are, what each is, and its bytes; nothing here knows what an event is."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from isal import igzip_lib, isal_zlib

from mailgauge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CHUNK_BYTES = 1 << 18
_SEGMENT_BYTES = 1 << 20

_GZIP = b"\x1f\x8b"
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive",
    b"PAR1": "a Parquet file",
    b"ORC": "an ORC file",
    b"\x28\xb5\x2f\xfd": "Zstandard-compressed",
    b"BZh": "bzip2-compressed",
    b"\xff\x06\x00\x00sNaPpY": "Snappy-compressed",
}
_GLOB = frozenset("*?[")


class TornError(Exception):
    """An object cannot be read to its end; the message says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One file of a dump; `etag` changes when its content may have."""

    path: Path
    size_bytes: int
    etag: str

    @property
    def uri(self) -> str:
        """The name under which the ledger knows it."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of an object as newline-delimited text: a file, and how many of its lines hold anything."""

    path: Path
    lines: int


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An object as newline-delimited text, in pieces that end with a line.

    No piece where it does not begin with a line of JSON. `is_rewritten` where line breaks were put between records
    that stood side by side, on the look of them alone.
    """

    segments: list[Segment]
    is_rewritten: bool


def list_objects(sources: Sequence[str]) -> list[SourceObject]:
    """Every object under the folders, files and globs, each once, in the order of their names.

    Left out: names that begin with "." or "_", and everything under a folder named `…-failed`, where Firehose puts
    what it could not deliver.
    """
    found: dict[str, SourceObject] = {}
    for source in sources:
        for path in _expand(source):
            status = path.stat()
            absolute = Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow links to another name)
            found[str(absolute)] = SourceObject(absolute, status.st_size, f"{status.st_size:x}-{status.st_mtime_ns:x}")
    return [found[name] for name in sorted(found)]


def unpack(path: Path, target: Path) -> Unpacked:
    """Read the whole object once, checking a gzip's checksums, and make it readable by lines.

    A plain object by lines stays where it is; of any other, pieces are written beside `target`. Raises TornError
    where it is cut off or broken.
    """
    is_gzip = _starts_with_gzip(path)
    chunks = _read_chunks(path, is_gzip=is_gzip)
    first = next(chunks, b"")
    is_joined = b"}{" in first
    whole = chain([first], chunks)
    if not _begins_with_line(first):
        for _ in whole:
            pass
        return Unpacked([], is_rewritten=False)
    if not is_gzip and not is_joined:
        counter = _LineCounter()
        for chunk in whole:
            counter.add(chunk)
        return Unpacked([Segment(path, counter.lines)], is_rewritten=False)
    return Unpacked(_write_segments(_part(whole) if is_joined else whole, target), is_rewritten=is_joined)


def _begins_with_line(first: bytes) -> bool:
    """Whether the first line is a whole document, or too long to tell."""
    line, newline, _ = first.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    return line.startswith(b"{") and (line.rstrip().endswith(b"}") or not newline)


def _write_segments(chunks: Iterable[bytes], target: Path) -> list[Segment]:
    segments: list[Segment] = []
    rest = iter(chunks)
    tail = b""
    while chunk := tail or next(rest, b""):
        path = target.with_name(f"{target.name}-{len(segments)}.json")
        counter = _LineCounter()
        with path.open("wb", buffering=0) as out:
            size, tail = 0, b""
            while chunk:
                size += len(chunk)
                if size > _SEGMENT_BYTES and (cut := chunk.rfind(b"\n") + 1):
                    chunk, tail = chunk[:cut], chunk[cut:]
                out.write(chunk)
                counter.add(chunk)
                chunk = b"" if tail or (size > _SEGMENT_BYTES and chunk.endswith(b"\n")) else next(rest, b"")
        segments.append(Segment(path, counter.lines))
    return segments


def read_whole(path: Path) -> bytes:
    """The object's content, unpacked."""
    return b"".join(_read_chunks(path, is_gzip=_starts_with_gzip(path)))


def _read_chunks(path: Path, *, is_gzip: bool) -> Iterator[bytes]:
    """The object's content, unpacked, in pieces of bounded size."""
    try:
        with path.open("rb") as file:
            packed = iter(lambda: file.read(_CHUNK_BYTES), b"")
            yield from _gunzip(packed) if is_gzip else packed
    except OSError as error:
        raise TornError(f"it cannot be read: {error.strerror}") from None


def _part(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Put a line break between records that stand side by side, also where a chunk ends between them."""
    last = b""
    for chunk in chunks:
        yield (b"\n" if last == b"}" and chunk[:1] == b"{" else b"") + chunk.replace(b"}{", b"}\n{")
        last = chunk[-1:]


def _gunzip(packed: Iterator[bytes]) -> Iterator[bytes]:
    stream = isal_zlib.decompressobj(31)
    is_open = False
    try:
        for piece in packed:
            data = piece
            while data:
                if stream.eof:  # several gzip members in a row are one file
                    stream = isal_zlib.decompressobj(31)
                is_open = True
                out = stream.decompress(data, _CHUNK_BYTES)
                if out:
                    yield out
                data = stream.unused_data if stream.eof else stream.unconsumed_tail
                if stream.eof:
                    is_open = False
                    if not data.strip(b"\0"):
                        break
    except igzip_lib.IsalError as error:
        raise TornError(f"its gzip data is broken: {error}") from None
    if is_open and not stream.eof:
        raise TornError("its gzip data is cut off before the end")


def _starts_with_gzip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            magic = file.read(10)
    except OSError as error:
        raise TornError(f"it cannot be read: {error.strerror}") from None
    for start, name in _OTHER_FORMATS.items():
        if magic.startswith(start):
            raise TornError(f"it is {name}, which this version does not read")
    return magic.startswith(_GZIP)


class _LineCounter:
    """Counts the lines that hold anything; where blank ones may be, their number is only a guess.

    The guess costs no loss: a piece that has not as many events as lines is read again record by record.
    """

    def __init__(self) -> None:
        self._ends = self._blanks = 0
        self._last = b""
        self._has_blanks: bool | None = None

    def add(self, chunk: bytes) -> None:
        if self._has_blanks is None:
            self._has_blanks = b"\n\n" in chunk
        self._ends += chunk.count(b"\n")
        if self._has_blanks:
            self._blanks += chunk.count(b"\n\n") + (self._last == b"\n" and chunk[:1] == b"\n")
        self._last = chunk[-1:] or self._last

    @property
    def lines(self) -> int:
        return self._ends - self._blanks + (self._last not in (b"", b"\n"))


def _expand(source: str) -> list[Path]:
    path = Path(source)
    if path.is_file():
        return [path]
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file() and _is_wanted(file.relative_to(path))]
    if not _GLOB & set(source):
        raise UsageError(f"There is no file or folder {source}: check the path.")
    base = Path(*_before_glob(path))
    matches = [Path(name) for name in glob.glob(source, recursive=True)]  # noqa: PTH207 (takes any pattern)
    files = [file for match in matches for file in ([match] if match.is_file() else _expand(str(match)))]
    wanted = [file for file in files if _is_wanted(file.relative_to(base))]
    if not wanted:
        raise UsageError(
            f"Nothing matches {source}: check the pattern, and quote it so that the shell leaves it alone."
        )
    return wanted


def _before_glob(path: Path) -> list[str]:
    parts = []
    for part in path.parts[:-1]:
        if _GLOB & set(part):
            break
        parts.append(part)
    return parts


def _is_wanted(relative: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in relative.parts)
    return not hidden and not any(part.endswith("-failed") for part in relative.parts[:-1])
