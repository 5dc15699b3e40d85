"""What a warehouse keeps beside its data while somebody works: spilled rows, unpacked objects, a copied catalog."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import uuid4

from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.refusals import say_full

if TYPE_CHECKING:
    from pathlib import Path

_CATALOG = ("catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-journal")
_OLD_SECONDS = 86400


def name_readers_room(folder: Path) -> Path:
    """Where a reader may spill rows: in files of one name, two processes would overwrite each other's."""
    return folder / "tmp" / f"reader-{uuid4().hex}"


def enter_writers_room(folder: Path) -> bool:
    """Clear what earlier runs left, make the room of the one writer, and tell whether one did not end well."""
    rooms = folder / "tmp"
    was_torn = (rooms / "writer").exists()
    try:
        for room in (rooms / "writer", rooms / "ingest", *_list_old_rooms(rooms)):
            shutil.rmtree(room, ignore_errors=True)
        (rooms / "writer").mkdir(parents=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise say_full(folder) from None
        raise UsageError(f"The folder {rooms} cannot be written: {error.strerror}.") from None
    return was_torn


def leave_writers_room(folder: Path) -> None:
    """What `enter_writers_room` made is gone: the next writer knows that this one ended well."""
    shutil.rmtree(folder / "tmp" / "writer", ignore_errors=True)


def _list_old_rooms(rooms: Path) -> list[Path]:
    """Those of readers that ended long ago without clearing up."""
    before = time.time() - _OLD_SECONDS
    return [room for room in rooms.glob("reader-*") if room.stat().st_mtime < before]


def copy_catalog(folder: Path, target: Path) -> None:
    """Copy the catalog for someone who may only read it, at a moment when it does not change."""
    for _ in range(20):
        before = _mark(folder)
        for name in _CATALOG:
            (target / name).unlink(missing_ok=True)
            if (folder / name).exists():
                shutil.copyfile(folder / name, target / name)
        if _mark(folder) == before:
            with closing(sqlite3.connect(target / _CATALOG[0])) as copy:  # what stands in its journals goes into it
                copy.execute("pragma journal_mode = delete")
            return
        time.sleep(0.05)
    raise MailgaugeError(f"The warehouse in {folder} changes all the time, and this user may only read it: try again.")


def _mark(folder: Path) -> list[tuple[int, int]]:
    """It changes when the catalog does."""
    found = [(folder / name).stat() for name in _CATALOG if (folder / name).exists()]
    return [(status.st_size, status.st_mtime_ns) for status in found]
