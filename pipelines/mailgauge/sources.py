"""The objects of a dump, on disk or in S3: which there are, and the content of each; nothing here knows events."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mailgauge.columnar import read_columnar
from mailgauge.containers import HEAD_BYTES, TornError, name_container, read_chunks
from mailgauge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GLOB = frozenset("*?[")
_RATIO = 12
"""How much longer a packed object is taken to be than it is, where it does not tell itself."""


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


def read_content(source: SourceObject) -> Iterator[bytes]:
    """The object's content as text, in parts of bounded size; raises TornError where it is cut off or broken."""
    try:
        file = _open(source)
    except OSError as error:
        raise TornError(f"it cannot be read: {error.strerror}") from None
    with file:
        kind = name_container(file.read(HEAD_BYTES))
        yield from read_columnar(file) if kind in ("parquet", "orc") else read_chunks(file)


def estimate_bytes(source: SourceObject) -> int:
    """About how long the content is, unpacked: a gzip tells its length in its last four bytes (RFC 1952)."""
    try:
        with _open(source) as file:
            kind = name_container(file.read(HEAD_BYTES))
            if kind != "gzip":
                return source.size_bytes if kind == "plain" else source.size_bytes * _RATIO
            file.seek(-4, os.SEEK_END)
            told = int.from_bytes(file.read(4), "little")
    except (OSError, TornError):
        return source.size_bytes
    return told if source.size_bytes < told < source.size_bytes * 100 else source.size_bytes * _RATIO


def _open(source: SourceObject) -> BinaryIO:
    return source.path.open("rb", buffering=0)


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
