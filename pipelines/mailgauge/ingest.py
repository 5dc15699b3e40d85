"""Objects into raw events: the fast path for whole objects, a second look at what it did not know, the ledger.

One batch of objects is one transaction: its events, its quarantine and its ledger rows commit together or not at all.
"""

from __future__ import annotations

import errno
import shutil
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import msgspec

from mailgauge import paths
from mailgauge.errors import MailgaugeError
from mailgauge.leftovers import find_leftovers
from mailgauge.records import UnreadableError, read_record, show_record
from mailgauge.sources import Segment, SourceObject, TornError, Unpacked, unpack
from mailgauge.warehouse import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from mailgauge.warehouse import Warehouse

BATCH_BYTES = 500_000_000
"""Unpacked bytes of one transaction, and of the disk it takes meanwhile: about a quarter of a million events."""
BATCH_OBJECTS = 1000
_GZIP_RATIO = 8
"""How much bigger an object is taken to be before it is looked at."""
_WORKERS = 2
_AGAIN = object()


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


@dataclass(slots=True)
class _Arrival:
    """An object on its way in."""

    source: SourceObject
    unpacked: Unpacked | None = None
    error: str | None = None
    object_id: int = 0
    names: list[str] = field(default_factory=list)
    """Under which names DuckDB reads its pieces."""
    records: int = 0
    loaded: int = 0
    duplicates: int = 0
    quarantined: int = 0

    @property
    def segments(self) -> list[Segment]:
        """Its pieces; none of a torn object."""
        return self.unpacked.segments if self.unpacked else []

    def as_row(self, now: datetime) -> dict[str, Any]:
        """Its row of the ledger."""
        return {
            "object_id": self.object_id,
            "object_uri": self.source.uri,
            "etag": self.source.etag,
            "size_bytes": self.source.size_bytes,
            "status": "failed" if self.error else "loaded",
            "records": self.records,
            "loaded": self.loaded,
            "duplicates": self.duplicates,
            "quarantined": self.quarantined,
            "error": self.error,
            "loaded_at": now,
        }


@dataclass(frozen=True, slots=True)
class _Leftover:
    """A record that the fast path did not load."""

    object_id: int
    position: int
    record: bytes


def ingest(
    lake: Warehouse,
    objects: Sequence[SourceObject],
    *,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Ingested:
    """Load the `objects` that the ledger does not know as loaded; `progress` hears (done, of) objects."""
    fresh = _choose_fresh(lake, objects)
    arrivals: list[_Arrival] = []
    with _told_when_full(lake.folder), _workroom(lake.folder) as room, ThreadPoolExecutor(_WORKERS) as pool:
        for folder, batch in _unpack_ahead(pool, _cut(fresh), room):
            while _load_batch(lake, batch, folder, now) is _AGAIN:
                pass
            arrivals += batch
            progress(len(arrivals), len(fresh))
    return Ingested(
        objects=len(arrivals),
        records=sum(a.records for a in arrivals),
        loaded=sum(a.loaded for a in arrivals),
        duplicates=sum(a.duplicates for a in arrivals),
        quarantined=sum(a.quarantined for a in arrivals),
        failed=[f"{a.source.uri}: {a.error}" for a in arrivals if a.error],
    )


def _choose_fresh(lake: Warehouse, objects: Sequence[SourceObject]) -> list[SourceObject]:
    query = "select object_uri, etag from raw.objects where status = 'loaded'"
    loaded = {row["object_uri"]: row["etag"] for row in lake.rows(query)}
    return [source for source in objects if loaded.get(source.uri) != source.etag]


def _cut(sources: list[SourceObject]) -> Iterator[list[SourceObject]]:
    batch: list[SourceObject] = []
    size = 0
    for source in sources:
        expected = source.size_bytes * _GZIP_RATIO
        if batch and (size + expected > BATCH_BYTES or len(batch) == BATCH_OBJECTS):
            yield batch
            batch, size = [], 0
        batch.append(source)
        size += expected
    if batch:
        yield batch


@contextmanager
def _told_when_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise MailgaugeError(f"The disk of {folder} is full: free some space and run it again.") from None


@contextmanager
def _workroom(folder: Path) -> Iterator[Path]:
    """A folder beside the warehouse for unpacked objects; what a killed run left there goes."""
    room = folder / "tmp" / "ingest"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _unpack_ahead(
    pool: Executor, batches: Iterable[list[SourceObject]], room: Path
) -> Iterator[tuple[Path, list[_Arrival]]]:
    """Each batch unpacked in a folder of its own, while the one before it is being loaded."""
    ahead: tuple[Path, list[Future[_Arrival]]] | None = None
    for number, batch in enumerate(batches):
        folder = room / str(number)
        folder.mkdir()
        futures = [pool.submit(_unpack_one, source, folder / str(place)) for place, source in enumerate(batch)]
        if ahead:
            yield ahead[0], [future.result() for future in ahead[1]]
            shutil.rmtree(ahead[0])
        ahead = folder, futures
    if ahead:
        yield ahead[0], [future.result() for future in ahead[1]]


def _unpack_one(source: SourceObject, target: Path) -> _Arrival:
    try:
        return _Arrival(source, unpack(source.path, target))
    except TornError as torn:
        return _Arrival(source, error=str(torn))


def _load_batch(lake: Warehouse, arrivals: list[_Arrival], folder: Path, now: datetime) -> object:
    """Load a batch, or say that it wants to be loaded again because DuckDB gave one of its objects up."""
    try:
        with lake.transaction():
            _load(lake, arrivals, folder, now)
    except WarehouseError as error:
        for arrival in arrivals:
            if any(name in str(error) for name in arrival.names):
                arrival.unpacked = Unpacked([], is_rewritten=False)
                return _AGAIN
        raise
    return None


def _load(lake: Warehouse, arrivals: list[_Arrival], folder: Path, now: datetime) -> None:
    base = (lake.value("select max(object_id) from raw.objects") or 0) + 1
    for place, arrival in enumerate(arrivals):
        arrival.object_id = base + place
    sound = [arrival for arrival in arrivals if arrival.unpacked]
    _insert_lines(lake, sound, folder)
    leftovers = _find_leftovers(lake, sound, base)
    quarantine = _insert_leftovers(lake, leftovers, folder)
    _drop_duplicates(lake, sound, base)
    _write_ledger(lake, arrivals, quarantine, now)


def _insert_lines(lake: Warehouse, arrivals: list[_Arrival], folder: Path) -> None:
    """The fast path: all pieces of all objects in one statement, each through a link that tells nothing of its form."""
    pieces = [(arrival, segment.path) for arrival in arrivals for segment in arrival.segments]
    names = [str(_name_json(path, folder / f"{place}.json")) for place, (_, path) in enumerate(pieces)]
    for arrival, name in zip((arrival for arrival, _ in pieces), names, strict=True):
        arrival.names.append(name)
    if not names:
        return
    lake.execute("set variable dump_files = ?", [names])
    lake.execute("create or replace temp table pieces (file_index bigint, object_id bigint)")
    lake.execute(
        "insert into pieces select unnest(range(len($1))), unnest($1)", [[arrival.object_id for arrival, _ in pieces]]
    )
    # Pushed down, the filter would work out the same values a second time: a fifth of the whole.
    lake.execute("set disabled_optimizers = 'filter_pushdown'")
    lake.execute(
        f"""
        insert into raw.events by name
        select a.* exclude (file_index, _object, _position, is_odd, problem), p.object_id, a.file_index as piece
        from ({_arrivals_sql()}) as a inner join pieces as p on a.file_index = p.file_index
        where a.problem is null and a.is_odd is not true
        """
    )
    lake.execute("reset disabled_optimizers")


def _name_json(path: Path, link: Path) -> Path:
    """The file by a name that tells DuckDB no compression and no pattern: an original may be called anything."""
    if path.parent == link.parent:
        return path
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return link


def _arrivals_sql() -> str:
    """What arrives from the files in the variable dump_files."""
    dump, arrivals = ((paths.SQL / "raw" / name).read_text(encoding="utf-8") for name in ("dump.sql", "arrivals.sql"))
    return arrivals.replace("from dump\n", f"from ({dump}) as dump\n")


def _find_leftovers(lake: Warehouse, arrivals: list[_Arrival], base: int) -> list[_Leftover]:
    """The records that the fast path did not load, of every object that has more lines than were loaded."""
    query = "select piece, count(*) as n from raw.events where object_id >= ? and recipient_index = 1 group by all"
    loaded = {row["piece"]: row["n"] for row in lake.rows(query, [base])}
    leftovers = []
    place = 0
    for arrival in arrivals:
        counts = [loaded.get(place + i, 0) for i in range(len(arrival.segments))]
        place += len(counts)
        found, arrival.records, is_all = find_leftovers(cast("Unpacked", arrival.unpacked), arrival.source.path, counts)
        if is_all and any(counts):
            lake.execute("delete from raw.events where object_id = ?", [arrival.object_id])
        leftovers += [_Leftover(arrival.object_id, position, record) for position, record in found]
    return leftovers


def _insert_leftovers(lake: Warehouse, leftovers: list[_Leftover], folder: Path) -> list[dict[str, Any]]:
    """Load what can be read of `leftovers`; return the rest as {object_id, position, reason, record}."""
    texts = {(left.object_id, left.position): left.record for left in leftovers}
    reasons: dict[tuple[int, int], str] = {}
    file = folder / "leftovers.json"
    with file.open("wb") as out:
        for left in leftovers:
            try:
                known = read_record(left.record)
            except UnreadableError as error:
                reasons[left.object_id, left.position] = str(error)
            else:
                known |= {"_object": left.object_id, "_position": left.position}
                out.write(msgspec.json.encode(known) + b"\n")
    if len(reasons) < len(leftovers):
        reasons |= _insert_readable(lake, file)
    return [
        {"object_id": number, "position": position, "reason": reason, "record": show_record(texts[number, position])}
        for (number, position), reason in sorted(reasons.items())
    ]


def _insert_readable(lake: Warehouse, file: Path) -> dict[tuple[int, int], str]:
    lake.execute("set variable dump_files = ?", [[str(file)]])
    lake.execute(f"create or replace temp table leftovers as select * from ({_arrivals_sql()})")
    lake.execute(
        """
        insert into raw.events by name
        select * exclude (file_index, _object, _position, is_odd, problem), _object as object_id
        from leftovers where problem is null
        """
    )
    found = lake.rows("select distinct _object, _position, problem from leftovers where problem is not null")
    lake.execute("drop table leftovers")
    return {(row["_object"], row["_position"]): row["problem"] for row in found}


def _drop_duplicates(lake: Warehouse, arrivals: list[_Arrival], base: int) -> None:
    """Take out the events of this batch that the batch or the warehouse holds already, and count them."""
    lake.execute(
        """
        create or replace temp table repeated as
        with arrived as (select event_id, "day" from raw.events where object_id >= $base),
        known as (
            select event_id from raw.events
            where object_id < $base and "day" in (select "day" from arrived)
                and event_id in (select event_id from arrived)
        ),
        twice as (select event_id from arrived group by event_id having count(*) > 1)
        select e.rowid as row_number, e.object_id, e.recipient_index
        from raw.events as e
        where e.object_id >= $base
            and (e.event_id in (select event_id from known) or e.event_id in (select event_id from twice))
        qualify e.event_id in (select event_id from known)
            or row_number() over (partition by e.event_id order by e.object_id, e.recipient_index, e.rowid) > 1
        """,
        {"base": base},
    )
    rows = lake.rows("select object_id, count(*) as n from repeated where recipient_index = 1 group by all")
    duplicates = {row["object_id"]: row["n"] for row in rows}
    if lake.value("select count(*) from repeated"):
        lake.execute("delete from raw.events where rowid in (select row_number from repeated)")
    lake.execute("drop table repeated")
    for arrival in arrivals:
        arrival.duplicates = duplicates.get(arrival.object_id, 0)


def _write_ledger(lake: Warehouse, arrivals: list[_Arrival], quarantine: list[dict[str, Any]], now: datetime) -> None:
    by_id = {arrival.object_id: arrival for arrival in arrivals}
    rows = []
    for held in quarantine:
        arrival = by_id[held["object_id"]]
        arrival.quarantined += 1
        rows.append({"object_uri": arrival.source.uri} | {k: held[k] for k in ("position", "reason", "record")})
    for arrival in arrivals:
        arrival.loaded = arrival.records - arrival.duplicates - arrival.quarantined
    uris = [arrival.source.uri for arrival in arrivals]
    lake.execute("delete from raw.objects where object_uri in (select unnest(?))", [uris])
    lake.execute("delete from raw.quarantine where object_uri in (select unnest(?))", [uris])
    lake.insert("raw.quarantine", rows)
    lake.insert("raw.objects", [arrival.as_row(now) for arrival in arrivals])
