"""What DuckDB, DuckLake and SQLite refuse, in words for people: what happened, where, and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailgauge.errors import MailgaugeError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


class WarehouseError(MailgaugeError):
    """DuckDB refused something; the message is ours where the cause is known, else DuckDB's first line."""


class BusyError(WarehouseError):
    """Others use the warehouse; nothing of what was tried was kept, and it may be done again."""


class UnwritableError(WarehouseError):
    """This user may not write where DuckDB or SQLite have to."""


_BUSY = "database is locked"
_NONE = "creating a new DuckLake is explicitly disabled"
_PUT_BACK = "put the warehouse back from a backup, or move it away and ingest the dumps again."
_FULL = "The disk of {folder} is full: free some space and run it again."
_KNOWN = (
    (
        "no space left|database or disk is full|max_temp_directory_size",
        _FULL,
    ),
    (
        "disk i/o error",
        "The disk of {folder} is full or failing: free some space, look after the disk, and run it again.",
    ),
    (
        "disk image is malformed|file is not a database",
        "The catalog {folder}/catalog.sqlite is damaged: " + _PUT_BACK,
    ),
    (
        r'cannot open file "(?P<file>[^"]*/data/[^"]+)": no such file',
        "{file} is gone, and the warehouse in {folder} is not whole without it: " + _PUT_BACK,
    ),
    (
        r"(footer|magic bytes|too small to be a parquet).*'(?P<file>[^']*/data/[^']+)'",
        "{file} is damaged: " + _PUT_BACK,
    ),
)
_UNWRITABLE = "readonly database|read-only file system|permission denied|unable to open database file"


def explain_refusal(text: str, folder: Path) -> MailgaugeError:
    """The error to raise for what the database of the warehouse in `folder` said."""
    if _BUSY in text:
        return BusyError(
            f"Another program holds {folder}/catalog.sqlite locked: wait until it is done, or end it, and run this "
            "again."
        )
    if _NONE in text:
        return say_missing(folder)
    if re.search(_UNWRITABLE, text, re.IGNORECASE):
        return UnwritableError(
            f"This user may not read or write all of the warehouse in {folder}: give the right to, or run it as its "
            "owner."
        )
    for pattern, sentence in _KNOWN:
        if found := re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            return WarehouseError(sentence.format(folder=folder, **found.groupdict()))
    return WarehouseError(text.strip().split("\n", 1)[0])


def say_full(folder: Path) -> WarehouseError:
    """The error to raise where there is no room left."""
    return WarehouseError(_FULL.format(folder=folder))


def say_unlike(folder: Path) -> WarehouseError:
    """The error to raise where a catalog knows nothing of the events that stand beside it."""
    return WarehouseError(f"{folder}/catalog.sqlite knows nothing of the events in {folder}/data: " + _PUT_BACK)


def say_missing(folder: Path) -> UsageError:
    """The error to raise where a warehouse is to be read and there is none."""
    return UsageError(f"There is no warehouse in {folder}: run `mailgauge ingest` first, or name another folder.")
