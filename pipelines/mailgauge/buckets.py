"""The objects of an S3 bucket: which there are from a day on, and their bytes; the one door to S3 for reading dumps.

Arrow lists, folder by folder; DuckDB's httpfs reads. Both ask again by themselves, with growing pauses, where S3 is
busy, slow, or cuts an answer in the middle, and both find credentials where every AWS tool does (environment, profile,
role of the machine or container).
"""

from __future__ import annotations

import io
import math
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from urllib.parse import SplitResult, urlsplit

from pyarrow import fs

from mailgauge.containers import TornError
from mailgauge.engine import quote
from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.httpfs import Httpfs
from mailgauge.trust import find_authorities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LATE = timedelta(hours=39)
"""How long after the hour in its name an object may arrive: Firehose tries S3 for 24 hours, and a stream may be named
by local time, up to 14 hours ahead or behind (Firehose, data delivery and CustomTimeZone)."""
_BUFFERED = timedelta(hours=15)
"""How long after the hour in its name an object comes where nothing went wrong: it was kept for up to 15 minutes, in a
stream that is named by local time (Firehose, buffering hints and CustomTimeZone)."""

_READ_BYTES = 8 << 20
"""Bytes of one request, and so the memory that an open object takes."""
_PAUSE_SECONDS = 0.25
"""How long after S3 refused or did not know something it is asked again: an object, or a right to it, may be new."""
_Answer = TypeVar("_Answer")
_starting = Lock()
_DATED = re.compile(
    r"[/=_-](?P<year>20\d\d)[/-](?:month=)?(?P<month>0[1-9]|1[0-2])"
    r"(?:[/-](?:day=)?(?P<day>0[1-9]|[12]\d|3[01])(?:[/-](?:hour=)?(?P<hour>[01]\d|2[0-3]))?)?$"
)

_PARTS = (("year", 0), ("month", 0), ("day", 1), ("hour", 0))


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach S3; what is None comes from the environment as with every AWS tool."""

    endpoint: str | None = None
    """URL of another S3 server than Amazon's; its buckets are named in the path."""
    region: str | None = None
    timeout_seconds: float = 30.0
    """How long S3 may take for an answer of up to 8 MB."""
    attempts: int = 5
    """How often a request is made before it counts as failed; the pauses between grow to some seconds."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a bucket; `etag` changes when its content may have."""

    uri: str
    size_bytes: int
    etag: str
    modified_at: datetime

    @property
    def is_late(self) -> bool:
        """Whether it came long after the month, day or hour that a folder above it is named by.

        It does where folders are named by something else than the time of arrival (Firehose, dynamic partitioning).
        """
        end = _find_end(self.uri.rpartition("/")[0])
        return end is not None and self.modified_at > end + _BUFFERED


class RefusedError(MailgaugeError):
    """S3 answers and says no."""


def list_stored(
    uri: str, since: datetime | None = None, access: Access | None = None, *, with_failed: bool = False
) -> Iterator[StoredObject]:
    """The objects under `s3://bucket/prefix`, listed as asked for: those of a folder, then its folders' in turn.

    With `since`, a folder whose name is a date (`2026/11/24/05`, `year=2026/month=11`, `dt=2026-11-24`, at any depth)
    that ended more than LATE before is not even listed. Left out are names that begin with "." or "_" and, unless
    `with_failed`, everything under a folder named `…-failed`, but none that `uri` itself names. What lies behind two
    slashes in a row comes out as one object that cannot be opened. Raises MailgaugeError where S3 cannot be read.
    """
    access = access or Access()
    base, stem = _split_prefix(uri)
    store = _open_store(base.partition("/")[0], access)
    earliest = since.astimezone(UTC) - LATE if since else datetime.min.replace(tzinfo=UTC)
    waiting = [base]
    while waiting:
        path = waiting.pop()
        is_whole = _is_day_from(path, earliest)
        folders = []
        for info in _list_folder(store, path, uri, access, is_whole=is_whole):
            is_file = info.type == fs.FileType.File
            if not _is_wanted(info.path[len(base) + 1 :], stem, is_file=is_file, with_failed=with_failed):
                continue
            if is_file:
                yield _describe(info)
            elif not is_whole and info.path in (path, f"{path}/"):  # what is in a folder without a name
                yield _name_odd(f"s3://{path}//")
            elif not is_whole and not _is_over(info.path, earliest):
                folders.append(info.path)
        waiting += reversed(folders)


def find_stored(uri: str, access: Access | None = None) -> StoredObject | None:
    """The one object named `uri`, or None where there is none."""
    access = access or Access()
    bucket, key = _split(uri)
    if _is_odd(uri):
        return _name_odd(uri)
    try:
        store = _open_store(bucket, access)
        info = _ask(lambda: store.get_file_info(f"{bucket}/{key}"), access)
    except OSError as error:
        raise _explain(error, uri, access) from None
    return _describe(info) if info.type == fs.FileType.File else None


def open_stored(uri: str, access: Access | None = None) -> BinaryIO:
    """Open an object for reading anywhere in it, some megabytes at a time.

    Raises TornError, now or when read, where it is gone, refused or not to be had after all attempts.
    """
    access = access or Access()
    if _is_odd(uri):
        raise TornError("its name has two slashes in a row, which this version does not read: copy it to another name")
    bucket, _ = _split(uri)
    try:
        with _starting:  # one reader for all the threads that begin with it at once
            reader = _open_reader(bucket, access)
        file = _ask(lambda: reader.open(uri, lambda words: _tear(OSError(words), uri, access)), access)
    except (OSError, MailgaugeError) as error:
        raise _tear(error, uri, access) from None
    return io.BufferedReader(file, _READ_BYTES)


def _ask(request: Callable[[], _Answer], access: Access) -> _Answer:
    """What S3 answers; what it refuses or does not know is asked for once more, which Arrow and httpfs do not do."""
    try:
        return request()
    except (OSError, TornError) as error:
        if access.attempts == 1 or not re.search(f"{_REFUSED}|{_GONE}|access is refused|gone from S3", str(error)):
            raise
    time.sleep(_PAUSE_SECONDS)
    return request()


def _split(uri: str) -> tuple[str, str]:
    found = re.fullmatch(r"s3://([^/]+)/?(.*)", uri, re.DOTALL)
    if not found:
        raise UsageError(f"{uri} names no S3 objects: write s3://BUCKET/PREFIX.")
    return found[1], found[2]


def _split_prefix(uri: str) -> tuple[str, str]:
    """The folder to begin with, and how the names in it begin."""
    bucket, key = _split(uri)
    if "//" in f"/{key}":
        raise UsageError(f"{uri} has two slashes in a row, which this version does not read: write s3://BUCKET/PREFIX.")
    if set("*?[") & set(key):
        raise UsageError(f"{uri} is a pattern: name the beginning that the objects share, without * ? and [.")
    folder, _, stem = key.rpartition("/")
    return (f"{bucket}/{folder}" if folder else bucket), stem


@lru_cache(maxsize=64)
def _open_store(bucket: str, access: Access) -> fs.S3FileSystem:
    endpoint = _find_endpoint(access)
    return fs.S3FileSystem(
        endpoint_override=endpoint.netloc if endpoint else None,
        scheme=endpoint.scheme if endpoint else "https",
        region=_find_region(bucket, access),
        request_timeout=access.timeout_seconds,
        connect_timeout=min(access.timeout_seconds, 10.0),
        tls_ca_file_path=find_authorities(),
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=access.attempts),
    )


@lru_cache(maxsize=64)
def _open_reader(bucket: str, access: Access) -> Httpfs:
    endpoint, region = _find_endpoint(access), _find_region(bucket, access)
    secret = ["type s3", "provider credential_chain", "validation none", "refresh auto"]
    if region:
        secret.append(f"region {quote(region)}")
    if endpoint:
        is_safe = endpoint.scheme == "https"
        secret += [f"endpoint {quote(endpoint.netloc)}", "url_style path", f"use_ssl {is_safe}"]
    return Httpfs(
        (
            f"set global ca_cert_file = {quote(find_authorities() or '')}",
            f"set global http_timeout = {math.ceil(access.timeout_seconds)}",
            f"set global http_retries = {access.attempts - 1}",
            "set global httpfs_connection_caching = true",
            "set global s3_url_compatibility_mode = true",  # a name is a name, whatever signs are in it
            f"create secret ({', '.join(secret)})",
        )
    )


def _find_endpoint(access: Access) -> SplitResult | None:
    """The address of another server than Amazon's."""
    given = access.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not given:
        return None
    endpoint = urlsplit(given if "://" in given else f"https://{given}")
    if "@" in endpoint.netloc:
        raise UsageError("The S3 endpoint holds a user or a password: leave them out and give AWS credentials instead.")
    if endpoint.scheme not in ("http", "https") or not endpoint.netloc:
        raise UsageError(f"The S3 endpoint {given} is no address: write https://HOST or http://HOST:PORT.")
    return endpoint


def _find_region(bucket: str, access: Access) -> str | None:
    """Where the bucket is: Amazon tells anyone; another server is content with what the environment says."""
    if access.region:
        return access.region
    if not _find_endpoint(access):
        try:
            return str(fs.resolve_s3_region(bucket))
        except OSError:
            pass
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def _list_folder(store: fs.S3FileSystem, path: str, uri: str, access: Access, *, is_whole: bool) -> list[fs.FileInfo]:
    try:
        found = _ask(lambda: store.get_file_info(fs.FileSelector(path, recursive=is_whole)), access)
    except FileNotFoundError:  # a bucket that is not there is another error, which allow_not_found would hide
        return []
    except OSError as error:
        raise _explain(error, uri, access) from None
    return sorted(found, key=lambda info: info.path)


def _describe(info: fs.FileInfo) -> StoredObject:
    modified = info.mtime_ns // 10**9  # some servers tell parts of a second in a list, and none of one object
    return StoredObject(
        f"s3://{info.path}", info.size, f"{info.size:x}-{modified:x}", datetime.fromtimestamp(modified, UTC)
    )


def _is_odd(uri: str) -> bool:
    """Whether a part of the name is empty, which Arrow does not read."""
    return "//" in uri.removeprefix("s3://")


def _name_odd(uri: str) -> StoredObject:
    return StoredObject(uri, 0, "0", datetime.fromtimestamp(0, UTC))


def _is_wanted(relative: str, stem: str, *, is_file: bool, with_failed: bool) -> bool:
    if not relative.startswith(stem):
        return False
    parts = relative.split("/")
    rest = parts[1:] if parts[0] == stem else parts  # what was asked for by its name is wanted
    is_failed = any(part.endswith("-failed") for part in (rest[:-1] if is_file else rest))
    return (with_failed or not is_failed) and not any(part.startswith((".", "_")) for part in rest)


def _is_over(folder: str, earliest: datetime) -> bool:
    """Whether `folder` is named by a month, a day or an hour over by `earliest`; a mere year may be a name."""
    end = _end(folder)
    return end is not None and end <= earliest


@lru_cache(maxsize=4096)
def _find_end(folder: str) -> datetime | None:
    """The first end of what `folder` and those above it are named by."""
    above = _find_end(folder.rpartition("/")[0]) if "/" in folder else None
    ends = [end for end in (above, _end(folder)) if end]
    return min(ends, default=None)


def _end(folder: str) -> datetime | None:
    found = _DATED.search(folder)
    start = _start(found) if found else None
    if not found or not start:
        return None
    if not found["day"]:
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(hours=1 if found["hour"] else 24)


def _is_day_from(folder: str, earliest: datetime) -> bool:
    """Whether `folder` is a day or hour that is wanted whole, so that one request lists all that is in it."""
    found = _DATED.search(folder)
    start = _start(found) if found and found["day"] else None
    return start is not None and start >= earliest


def _start(found: re.Match[str]) -> datetime | None:
    try:
        year, month, day, hour = (int(found[name] or least) for name, least in _PARTS)
        return datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:  # the 31st of a short month: no date, then
        return None


def _explain(error: Exception, uri: str, access: Access) -> MailgaugeError:
    """What went wrong, where, and what to do, as one sentence."""
    if isinstance(error, MailgaugeError):
        return error
    kind = RefusedError if re.search(_REFUSED, str(error)) else MailgaugeError
    return kind(f"S3 could not be read at {uri}: {_name_cause(str(error), access)}.")


def _tear(error: Exception, uri: str, access: Access) -> TornError:
    if re.search(_GONE, str(error)) and "NoSuchBucket" not in str(error):
        return TornError("it is gone from S3")
    if isinstance(error, MailgaugeError):
        return TornError(f"it cannot be read from S3: {str(error).rstrip('.')}")
    return TornError(f"it cannot be read from S3: {_name_cause(str(error), access, uri)}")


_REFUSED = (
    "ACCESS_DENIED|HTTP (status )?40[13]|INVALID_ACCESS_KEY|SIGNATURE|EXPIRED|Expired|TOKEN|UNRECOGNIZED|MISSING_"
)
_GONE = r"NO_SUCH_KEY|RESOURCE_NOT_FOUND|HTTP (status )?404"
_CAUSES = (
    ("NO_SUCH_BUCKET|NoSuchBucket", "there is no such bucket; check its name and the endpoint"),
    (
        _REFUSED,
        "access is refused (403); check the AWS credentials, and that they may list the bucket and read its objects",
    ),
    (_GONE, "it is not there (404); check the name"),
    ("HTTP (status )?301|PERMANENT_REDIRECT|PermanentRedirect", "the bucket is in another region; set the region"),
    (
        "curlCode: 28|REQUEST_TIMEOUT|Timeout was reached",
        "it did not answer within {seconds:g} seconds in {attempts} attempts; try again later",
    ),
    (
        "curlCode: (18|52|56)|end of response|partial file|returned nothing|receiving data",
        "it cut the answer off in {attempts} attempts; try again later",
    ),
    (
        "curlCode: (6|7|35|60)|NETWORK_CONNECTION|connect to server|resolve host|SSL",
        "it cannot be reached; check the endpoint and the network ({detail})",
    ),
    (
        "SLOW_DOWN|SERVICE_UNAVAILABLE|INTERNAL_FAILURE|THROTTLING|HTTP (status )?5",
        "it is too busy or failing, in {attempts} attempts; try again later ({detail})",
    ),
    ("ETag on reading", "it was written again while it was read; try again"),
)
"""What the words of Arrow and of httpfs mean."""


def _name_cause(text: str, access: Access, uri: str = "") -> str:
    detail = text.partition("AWS Error ")[2].strip() or text.partition("\n")[0]
    detail = re.sub(r"\s*\(Request ID.*|^HTTP \w+ error reading .*\(|\)$", "", detail).rstrip(" .:")
    for pattern, words in _CAUSES:
        if re.search(pattern, text):
            return words.format(seconds=access.timeout_seconds, attempts=access.attempts, detail=detail)
    return detail or f"{uri} gave no reason"
