"""What arrives into raw.events: pieces of objects by the fast path, what that did not know record by record."""

from __future__ import annotations

import mmap
import shutil
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Self

import msgspec

from mailgauge import paths
from mailgauge.containers import TornError
from mailgauge.leftovers import AmbiguousError, find_leftovers
from mailgauge.pieces import PIECE_BYTES, PROTOCOL, ObjectText, TextFiles
from mailgauge.records import UnreadableError, is_json, read_record, show_record, split_records
from mailgauge.sources import estimate_bytes, read_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from mailgauge.pieces import Piece
    from mailgauge.records import Text
    from mailgauge.sources import SourceObject
    from mailgauge.warehouse import Warehouse

    _Read = tuple["Arrival", ObjectText, list[Piece]]
    _Record = tuple["Arrival", int, bytes]
    """A record of an object with its position from 1."""

WORKERS = 2
_TEXT_BYTES = 16_000_000
"""How much text of records that were read one by one is inserted at once."""


@dataclass(slots=True)
class Arrival:
    """An object on its way in."""

    source: SourceObject
    object_id: int
    error: str | None = None
    """Why it cannot be read to its end."""
    records: int = 0
    loaded: int = 0
    duplicates: int = 0
    quarantine: list[dict[str, Any]] = field(default_factory=list)

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
            "quarantined": len(self.quarantine),
            "error": self.error,
            "loaded_at": now,
        }


class EventLoader:
    """Loads what arrives into a warehouse; `with EventLoader(lake) as loader:` inside which transactions are made."""

    def __init__(self, lake: Warehouse) -> None:
        """Load into `lake`."""
        self._lake = lake
        self._files = TextFiles()
        self._arrivals_sql = _read_arrivals_sql()
        self._room = lake.folder / "tmp" / "ingest"
        self._pool = ThreadPoolExecutor(WORKERS)
        self._slots = 0
        self._ahead: _Reading | None = None

    def __enter__(self) -> Self:
        self._room.mkdir(parents=True, exist_ok=True)
        self._lake.connection.register_filesystem(self._files)
        return self

    def __exit__(self, *_: object) -> None:
        self._lake.connection.unregister_filesystem(PROTOCOL)
        self._pool.shutdown()
        shutil.rmtree(self._room, ignore_errors=True)

    def load(self, loads: Sequence[Sequence[Arrival]]) -> None:
        """Load the events of objects, each once, and tell every arrival what became of it.

        The objects of one load are inserted by one statement, while those of the next are being read.
        """
        leftovers: list[_Record] = []
        unsure: list[Arrival] = []
        ahead: _Reading | None = None
        for load, then in pairwise([*loads, []]):
            reading, ahead = ahead or _Reading(load, self._pool), None
            while reading.texts:
                read = reading.take()
                if then and reading.is_over():
                    ahead = _Reading(then, self._pool)
                counts = iter(self._insert_lines([(one, piece) for one, _, part in read for piece in part]))
                for arrival, text, pieces in read:
                    arrival.error = text.error
                    try:
                        leftovers += _find(arrival, text, pieces, list(islice(counts, len(pieces))))
                    except AmbiguousError:
                        unsure.append(arrival)
                reading.go_on(without=unsure)
        self._finish([arrival for load in loads for arrival in load], unsure, leftovers)

    def _finish(self, batch: Sequence[Arrival], unsure: Sequence[Arrival], leftovers: Sequence[_Record]) -> None:
        """Load what the fast path did not know, and take out what came twice."""
        lost = {one.object_id for one in batch if one.error} | {one.object_id for one in unsure}
        for arrival in (one for one in batch if one.object_id in lost):
            self._take_back(arrival)
        self._insert_records(record for record in leftovers if record[0].object_id not in lost)
        for arrival in unsure:
            if not arrival.error:
                self._insert_slowly(arrival)
        self._drop_duplicates(batch)

    def _insert_lines(self, pieces: Sequence[tuple[Arrival, Piece]]) -> list[int]:
        """The fast path: all pieces in one statement; returns how many records of each were loaded."""
        if not pieces:
            return []
        lake, first = self._lake, self._slots
        self._slots += len(pieces)
        numbers = [arrival.object_id for arrival, _ in pieces]
        lake.execute("create or replace temp table slots (file_index bigint, object_id bigint)")
        lake.execute("insert into slots select unnest(range(len($1))), unnest($1)", [numbers])
        # Pushed down, the filter would work out the same values a second time: a fifth of the whole.
        lake.execute("set disabled_optimizers = 'filter_pushdown'")
        with self._files.serving([piece.text for _, piece in pieces]) as names:
            lake.execute("set variable dump_files = ?", [names])
            lake.execute(
                f"""
                insert into raw.events by name
                select
                    a.* exclude (file_index, _object, _position, is_odd, problem),
                    s.object_id,
                    {first} + a.file_index as slot
                from ({self._arrivals_sql}) as a inner join slots as s on a.file_index = s.file_index
                where a.problem is null and a.is_odd is not true
                """
            )
        lake.execute("reset disabled_optimizers")
        query = """
            select slot, count(*) as n from raw.events
            where object_id >= ? and slot >= ? and recipient_index = 1 group by all
        """
        counts = {row["slot"]: row["n"] for row in lake.rows(query, [numbers[0], first])}
        return [counts.get(first + place, 0) for place in range(len(pieces))]

    def _insert_slowly(self, arrival: Arrival) -> None:
        """Load an object record by record; one that turns out to be torn loads nothing."""
        try:
            with _spooled(arrival.source, self._room / str(arrival.object_id)) as text:
                self._insert_records(_number(arrival, split_records(text)))
        except TornError as torn:
            arrival.error = str(torn)
            self._take_back(arrival)

    def _take_back(self, arrival: Arrival) -> None:
        """Take out what was loaded of an object in this transaction."""
        self._lake.execute("delete from raw.events where object_id = ?", [arrival.object_id])
        arrival.records = 0
        arrival.quarantine.clear()

    def _drop_duplicates(self, batch: Sequence[Arrival]) -> None:
        """Take out the events of this batch that the batch or the warehouse holds already, and count them."""
        self._lake.execute(_REPEATED, {"base": batch[0].object_id})
        rows = self._lake.rows("select object_id, count(*) as n from repeated where recipient_index = 1 group by all")
        duplicates = {row["object_id"]: row["n"] for row in rows}
        if self._lake.value("select count(*) from repeated"):
            self._lake.execute("delete from raw.events where rowid in (select row_number from repeated)")
        self._lake.execute("drop table repeated")
        for arrival in batch:
            arrival.duplicates = duplicates.get(arrival.object_id, 0)

    def _insert_records(self, records: Iterable[_Record]) -> None:
        """Load records one by one; what cannot be read goes to its object's quarantine."""
        held: dict[tuple[int, int], tuple[Arrival, bytes]] = {}
        lines: list[bytes] = []
        size = 0
        for arrival, position, record in records:
            try:
                known = read_record(record)
            except UnreadableError as error:
                _quarantine(arrival, position, record, str(error))
                continue
            known |= {"_object": arrival.object_id, "_position": position}
            lines.append(msgspec.json.encode(known))
            held[arrival.object_id, position] = arrival, record
            size += len(record)
            if size > _TEXT_BYTES:
                self._insert_known(lines, held)
                held, lines, size = {}, [], 0
        self._insert_known(lines, held)

    def _insert_known(self, lines: list[bytes], held: dict[tuple[int, int], tuple[Arrival, bytes]]) -> None:
        if not lines:
            return
        lake = self._lake
        with self._files.serving([b"\n".join(lines)]) as names:
            lake.execute("set variable dump_files = ?", [names])
            lake.execute(f"create or replace temp table known as select * from ({self._arrivals_sql})")
        lake.execute(
            """
            insert into raw.events by name
            select * exclude (file_index, _object, _position, is_odd, problem), _object as object_id
            from known where problem is null
            """
        )
        for row in lake.rows("select distinct _object, _position, problem from known where problem is not null"):
            arrival, record = held[row["_object"], row["_position"]]
            _quarantine(arrival, row["_position"], record, row["problem"])
        lake.execute("drop table known")


_REPEATED = """
    create or replace temp table repeated as
    with arrived as materialized (select event_id, "day" from raw.events where object_id >= $base),
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
"""


def _read_arrivals_sql() -> str:
    """What arrives from the files in the variable dump_files."""
    dump, arrivals = ((paths.SQL / "raw" / name).read_text(encoding="utf-8") for name in ("dump.sql", "arrivals.sql"))
    return arrivals.replace("from dump\n", f"from ({dump}) as dump\n")


class _Reading:
    """The objects of a batch being read in a pool, the whole of each that is not much longer than expected."""

    def __init__(self, batch: Sequence[Arrival], pool: Executor) -> None:
        self.texts = [(one, ObjectText(read_content(one.source))) for one in batch]
        self._pool = pool
        self._found = pool.map(_read_some, self.texts)

    def take(self) -> list[_Read]:
        return [(one, text, pieces) for (one, text), pieces in zip(self.texts, self._found, strict=True)]

    def is_over(self) -> bool:
        return all(text.is_over for _, text in self.texts)

    def go_on(self, without: Sequence[Arrival]) -> None:
        self.texts = [(one, text) for one, text in self.texts if not (text.is_over or one in without)]
        self._found = self._pool.map(_read_some, self.texts)


def _read_some(reading: tuple[Arrival, ObjectText]) -> list[Piece]:
    arrival, text = reading
    return text.read(2 * estimate_bytes(arrival.source) + PIECE_BYTES)


def _find(arrival: Arrival, text: ObjectText, pieces: Sequence[Piece], loaded: Sequence[int]) -> list[_Record]:
    """The records of pieces that were not loaded, with their positions in the object."""
    found: list[_Record] = []
    if text.error:
        return found
    if not text.has_lines:
        raise AmbiguousError
    is_whole = text.is_over and arrival.records == 0 and len(pieces) == 1
    for piece, count in zip(pieces, loaded, strict=True):
        records = count
        if piece.lines != count:
            unknown, records = find_leftovers(piece, count, is_whole=is_whole)
            if text.is_rewritten and not all(is_json(record) for _, record in unknown):  # a break stands within a text
                raise AmbiguousError
            found += [(arrival, arrival.records + position, record) for position, record in unknown]
        arrival.records += records
    return found


def _number(arrival: Arrival, records: Iterable[bytes | None]) -> Iterator[_Record]:
    for record in records:
        if record is not None:
            arrival.records += 1
            yield arrival, arrival.records, record


def _quarantine(arrival: Arrival, position: int, record: bytes, reason: str) -> None:
    row = {"object_uri": arrival.source.uri, "position": position, "reason": reason, "record": show_record(record)}
    arrival.quarantine.append(row)


@contextmanager
def _spooled(source: SourceObject, target: Path) -> Iterator[Text]:
    """The object's content unpacked on disk, so that memory does not grow with it."""
    with target.open("w+b") as file:
        for chunk in read_content(source):
            file.write(chunk)
        if file.tell() == 0:
            yield b""
            return
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            yield text
    target.unlink()
