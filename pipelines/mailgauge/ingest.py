"""Objects into raw events: the fast path for whole objects, a second look at what it did not know, the ledger.

One batch of objects is one transaction: its events, its quarantine and its ledger rows commit together or not at all.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from mailgauge.arrivals import Arrival
from mailgauge.loading import EventLoader, SpreadError
from mailgauge.memory import keep_memory
from mailgauge.persons import require_same_names
from mailgauge.refusals import say_full
from mailgauge.sources import estimate_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from mailgauge.pseudonyms import Pseudonyms
    from mailgauge.sources import SourceObject
    from mailgauge.warehouse import Warehouse

BATCH_BYTES = 2_000_000_000
"""Unpacked bytes of one transaction: about a million events."""
KEPT_BYTES = 1_000_000_000
"""How much freed memory the process keeps for the next texts."""
BATCH_OBJECTS = 1000
FAILED_DELIVERY = "it is a record of a failed Firehose delivery"
"""How the reason begins for which a record of Firehose about a failed delivery is in quarantine."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one ingest did."""

    objects: int = 0
    records: int = 0
    loaded: int = 0
    duplicates: int = 0
    quarantined: int = 0
    ignored: int = 0
    """Records beside these in which SNS, SES or Pinpoint speak of other things than mail."""
    failed: list[str] = field(default_factory=list)
    """Objects that could not be read, each with its reason; they are tried again next time."""


def ingest(  # noqa: PLR0913 (what may be asked of an ingest)
    lake: Warehouse,
    objects: Sequence[SourceObject],
    *,
    now: datetime,
    recover_failed: bool = False,
    pseudonyms: Pseudonyms | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Ingested:
    """Load the `objects` that the ledger does not know as loaded; `progress` hears (done, of) objects.

    With `recover_failed`, loaded objects that hold records of failed Firehose deliveries are loaded again. With
    `pseudonyms`, no address of a person is written; a warehouse has them from its first event or never.
    """
    require_same_names(lake, pseudonyms, now)
    known = lake.rows("select object_id, object_uri, etag, status from raw.objects")
    fresh = _choose_fresh(lake, objects, known, recover_failed=recover_failed)
    first_id = 1 + max((row["object_id"] for row in known), default=0)
    arrivals = [Arrival(source, first_id + place) for place, source in enumerate(fresh)]
    done = 0
    keep_memory(KEPT_BYTES)
    with _told_when_full(lake.folder), EventLoader(lake, pseudonyms, recover_failed=recover_failed) as loader:
        for batch in _cut(arrivals):
            _load_whole(lake, partial(_load, lake, loader, batch, pseudonyms, now))
            done += len(batch)
            progress(done, len(arrivals))
    return _sum_up(arrivals)


def _load_whole(lake: Warehouse, load: Callable[[], None]) -> None:
    """Load a batch in a transaction, and in another one where an object has to be read in another way."""
    while True:
        try:
            return lake.together(load)
        except SpreadError:
            continue


def _load(
    lake: Warehouse, loader: EventLoader, batch: list[Arrival], pseudonyms: Pseudonyms | None, now: datetime
) -> None:
    for arrival in batch:
        arrival.take_back()  # what an attempt counted whose commit was refused
    loader.load(batch)
    if pseudonyms:
        _hide_people(batch, pseudonyms)
    _write_ledger(lake, batch, now)


def _sum_up(arrivals: Sequence[Arrival]) -> Ingested:
    return Ingested(
        objects=len(arrivals),
        records=sum(a.records for a in arrivals),
        loaded=sum(a.loaded for a in arrivals),
        duplicates=sum(a.duplicates for a in arrivals),
        quarantined=sum(len(a.quarantine) for a in arrivals),
        ignored=sum(a.ignored for a in arrivals),
        failed=[f"{a.source.uri}: {a.error}" for a in arrivals if a.error],
    )


def _choose_fresh(
    lake: Warehouse, objects: Sequence[SourceObject], known: Sequence[Mapping[str, Any]], *, recover_failed: bool
) -> list[SourceObject]:
    etags = {row["object_uri"]: row["etag"] for row in known if row["status"] == "loaded"}
    query = "select distinct object_uri from raw.quarantine where starts_with(reason, ?)"
    again = {row["object_uri"] for row in lake.rows(query, [FAILED_DELIVERY])} if recover_failed else set()
    return [source for source in objects if _is_fresh(source, etags) or (source.uri in again and source.etag)]


def _is_fresh(source: SourceObject, loaded: Mapping[str, str]) -> bool:
    """Whether it is to be loaded: what is loaded already may be gone."""
    return source.uri not in loaded or source.etag not in ("", loaded[source.uri])


@contextmanager
def _told_when_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise say_full(folder) from None


def _cut(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Batches: of arrivals that are expected to have BATCH_BYTES or less together, or of one that has more."""
    part: list[Arrival] = []
    total = 0
    for arrival in arrivals:
        expected = estimate_bytes(arrival.source)
        if part and (total + expected > BATCH_BYTES or len(part) == BATCH_OBJECTS):
            yield part
            part, total = [], 0
        part.append(arrival)
        total += expected
    if part:
        yield part


def _hide_people(batch: list[Arrival], pseudonyms: Pseudonyms) -> None:
    """What is told of records and objects that cannot be read is as hostile as they are."""
    for arrival in batch:
        arrival.error = arrival.error and pseudonyms.text(arrival.error)
        for held in arrival.quarantine:
            held["reason"] = pseudonyms.text(held["reason"])
            held["record"] = pseudonyms.record(held["record"])


def _write_ledger(lake: Warehouse, batch: list[Arrival], now: datetime) -> None:
    for arrival in batch:
        arrival.loaded = arrival.records - arrival.duplicates - len(arrival.quarantine)
    uris = [arrival.source.uri for arrival in batch]
    known = lake.value("select count(*) from raw.objects where object_uri in (select unnest(?))", [uris])
    for ledger in ("objects", "quarantine") if known else ():
        lake.execute(f"delete from raw.{ledger} where object_uri in (select unnest(?))", [uris])
    lake.insert("raw.quarantine", [held for arrival in batch for held in arrival.quarantine])
    lake.insert("raw.objects", [arrival.as_row(now) for arrival in batch])
