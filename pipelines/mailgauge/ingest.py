"""Objects into raw events: the fast path for whole objects, a second look at what it did not know, the ledger.

One batch of objects is one transaction: its events, its quarantine and its ledger rows commit together or not at all.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailgauge.errors import MailgaugeError
from mailgauge.loading import Arrival, EventLoader
from mailgauge.sources import estimate_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from mailgauge.sources import SourceObject
    from mailgauge.warehouse import Warehouse

BATCH_BYTES = 2_000_000_000
"""Unpacked bytes of one transaction: about a million events."""
LOAD_BYTES = 400_000_000
"""Unpacked bytes that one statement inserts; they are kept in memory, as are those of the next."""
BATCH_OBJECTS = 1000


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one ingest did."""

    objects: int = 0
    records: int = 0
    loaded: int = 0
    duplicates: int = 0
    quarantined: int = 0
    failed: list[str] = field(default_factory=list)
    """Objects that could not be read, each with its reason; they are tried again next time."""


def ingest(
    lake: Warehouse,
    objects: Sequence[SourceObject],
    *,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Ingested:
    """Load the `objects` that the ledger does not know as loaded; `progress` hears (done, of) objects."""
    fresh = _choose_fresh(lake, objects)
    first_id = (lake.value("select max(object_id) from raw.objects") or 0) + 1
    arrivals = [Arrival(source, first_id + place) for place, source in enumerate(fresh)]
    done = 0
    with _told_when_full(lake.folder), EventLoader(lake) as loader:
        for batch in _cut(arrivals, BATCH_BYTES):
            with lake.transaction():
                loader.load(list(_cut(batch, LOAD_BYTES)))
                _write_ledger(lake, batch, now)
            done += len(batch)
            progress(done, len(arrivals))
    return Ingested(
        objects=len(arrivals),
        records=sum(a.records for a in arrivals),
        loaded=sum(a.loaded for a in arrivals),
        duplicates=sum(a.duplicates for a in arrivals),
        quarantined=sum(len(a.quarantine) for a in arrivals),
        failed=[f"{a.source.uri}: {a.error}" for a in arrivals if a.error],
    )


def _choose_fresh(lake: Warehouse, objects: Sequence[SourceObject]) -> list[SourceObject]:
    query = "select object_uri, etag from raw.objects where status = 'loaded'"
    loaded = {row["object_uri"]: row["etag"] for row in lake.rows(query)}
    return [source for source in objects if loaded.get(source.uri) != source.etag]


@contextmanager
def _told_when_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise MailgaugeError(f"The disk of {folder} is full: free some space and run it again.") from None


def _cut(arrivals: Iterable[Arrival], size: int) -> Iterator[list[Arrival]]:
    """Arrivals that are expected to have `size` bytes or less together, or one that has more."""
    part: list[Arrival] = []
    total = 0
    for arrival in arrivals:
        expected = estimate_bytes(arrival.source)
        if part and (total + expected > size or len(part) == BATCH_OBJECTS):
            yield part
            part, total = [], 0
        part.append(arrival)
        total += expected
    if part:
        yield part


def _write_ledger(lake: Warehouse, batch: list[Arrival], now: datetime) -> None:
    for arrival in batch:
        arrival.loaded = arrival.records - arrival.duplicates - len(arrival.quarantine)
    uris = [arrival.source.uri for arrival in batch]
    known = lake.value("select count(*) from raw.objects where object_uri in (select unnest(?))", [uris])
    for ledger in ("objects", "quarantine") if known else ():
        lake.execute(f"delete from raw.{ledger} where object_uri in (select unnest(?))", [uris])
    lake.insert("raw.quarantine", [held for arrival in batch for held in arrival.quarantine])
    lake.insert("raw.objects", [arrival.as_row(now) for arrival in batch])
