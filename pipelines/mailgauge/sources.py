"""The objects of a dump, on disk or in S3: which there are, and the content of each; nothing here knows events."""

from __future__ import annotations

import glob
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from mailgauge.buckets import RefusedError, find_stored, list_stored, open_stored
from mailgauge.columnar import read_columnar
from mailgauge.containers import HEAD_BYTES, TornError, name_container, read_chunks
from mailgauge.errors import MailgaugeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mailgauge.buckets import Access, StoredObject

_GLOB = frozenset("*?[")
_RATIO = 12
"""How much longer a packed object is taken to be than it is, where it does not tell itself."""
_PACKED = (".gz", ".zip", ".snappy", ".zst", ".bz2", ".parquet", ".orc")
_AT_ONCE = 8
"""How many objects are looked up by their names at the same time."""


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One object of a dump, on disk or in S3."""

    uri: str
    """The name under which the ledger knows it: an absolute path, or s3://bucket/key."""
    size_bytes: int
    etag: str
    """It changes when the content may have; empty where the object is gone or could not be looked up."""
    late_at: datetime | None = None
    """When it came, where that was long after the date of its folder in S3."""
    access: Access | None = None
    """How to reach S3."""


def is_stored(source: str) -> bool:
    """Whether a source is in S3."""
    return re.match("s3:", source, re.IGNORECASE) is not None


def list_objects(
    sources: Sequence[str],
    *,
    since: Mapping[str, datetime] | None = None,
    access: Access | None = None,
    with_failed: bool = False,
) -> list[SourceObject]:
    """Every object under the folders, files, globs and S3 prefixes, each once, in the order of their names.

    Left out: names that begin with "." or "_" and, unless `with_failed`, everything under a folder named `…-failed`,
    where Firehose puts what it could not deliver; a folder that a source itself names is not left out. Of an S3 source
    in `since`, folders named by a date that was over long before that time are not listed.
    """
    found: dict[str, SourceObject] = {}
    for source in sources:
        if is_stored(source):
            stored = list_stored(source, (since or {}).get(source), access, with_failed=with_failed)
            found |= {one.uri: _describe_stored(one, access) for one in stored}
        else:
            files = map(_describe_file, _expand(source, with_failed=with_failed))
            found |= {one.uri: one for one in files}
    return [found[name] for name in sorted(found)]


def find_objects(uris: Sequence[str], *, access: Access | None = None, is_reached: bool) -> list[SourceObject]:
    """The objects in S3 of these names; one that is gone or refused has no etag, and tells why when it is read.

    Where it is not known that S3 `is_reached`, raises MailgaugeError if it cannot be, or refuses all of them.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda uri: _find(uri, access, MailgaugeError if is_reached else RefusedError), uris))
    errors = [one for one in found if isinstance(one, MailgaugeError)]
    if errors and len(errors) == len(found) and not is_reached:
        raise errors[0]
    return [
        SourceObject(uri, 0, "", access=access)
        if one is None or isinstance(one, MailgaugeError)
        else _describe_stored(one, access)
        for uri, one in zip(uris, found, strict=True)
    ]


def _find(uri: str, access: Access | None, kept: type[MailgaugeError]) -> StoredObject | MailgaugeError | None:
    try:
        return find_stored(uri, access)
    except kept as error:
        return error


def _describe_stored(stored: StoredObject, access: Access | None) -> SourceObject:
    late_at = stored.modified_at if stored.is_late else None
    return SourceObject(stored.uri, stored.size_bytes, stored.etag, late_at, access)


def _describe_file(path: Path) -> SourceObject:
    status = path.stat()
    absolute = os.path.abspath(path)  # noqa: PTH100 (resolve() would follow links to another name)
    return SourceObject(absolute, status.st_size, f"{status.st_size:x}-{status.st_mtime_ns:x}")


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
    """About how long the content is, unpacked: a gzip tells its length in its last four bytes (RFC 1952).

    Of an object in S3 its name must do, so that nothing is asked for twice.
    """
    if is_stored(source.uri):
        return source.size_bytes * (_RATIO if source.uri.endswith(_PACKED) else 1)
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
    if is_stored(source.uri):
        return open_stored(source.uri, source.access)
    return cast("BinaryIO", Path(source.uri).open("rb", buffering=0))


def _expand(source: str, *, with_failed: bool) -> list[Path]:
    path = Path(source)
    if path.is_file():
        return [path]
    if path.is_dir():
        files = [file for file in path.rglob("*") if file.is_file()]
        return [file for file in files if _is_wanted(file.relative_to(path), with_failed=with_failed)]
    if not _GLOB & set(source):
        raise UsageError(f"There is no file or folder {source}: check the path.")
    base = Path(*_before_glob(path))
    matches = [Path(name) for name in glob.glob(source, recursive=True)]  # noqa: PTH207 (takes any pattern)
    files = [file for match in matches for file in _expand(str(match), with_failed=with_failed)]
    wanted = [file for file in files if _is_wanted(file.relative_to(base), with_failed=with_failed)]
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


def _is_wanted(relative: Path, *, with_failed: bool) -> bool:
    is_hidden = any(part.startswith((".", "_")) for part in relative.parts)
    is_failed = any(part.endswith("-failed") for part in relative.parts[:-1])
    return not is_hidden and (with_failed or not is_failed)
