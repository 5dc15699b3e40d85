"""What arrives into raw.events: pieces of objects by the fast path, what that did not know record by record."""

from __future__ import annotations

import mmap
import re
import shutil
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Self

from mailgauge import paths
from mailgauge.containers import TornError
from mailgauge.duplicates import drop_duplicates
from mailgauge.errors import MailgaugeError
from mailgauge.leftovers import AmbiguousError, find_leftovers
from mailgauge.one_by_one import RecordLoader
from mailgauge.persons import define_macros
from mailgauge.pieces import PIECE_BYTES, PROTOCOL, ObjectText, TextFiles
from mailgauge.records import split_records
from mailgauge.sources import estimate_bytes, read_content

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from mailgauge.arrivals import Arrival
    from mailgauge.one_by_one import Record
    from mailgauge.pieces import Piece
    from mailgauge.pseudonyms import Pseudonyms
    from mailgauge.records import Text
    from mailgauge.sources import SourceObject
    from mailgauge.warehouse import Warehouse

    _Read = tuple[Arrival, ObjectText, list[Piece]]

WORKERS = 2


class SpreadError(MailgaugeError):
    """A document of an object is spread over lines in a way that only the statement noticed; the object knows now."""


class EventLoader:
    """Loads what arrives into a warehouse; `with EventLoader(lake) as loader:` inside which transactions are made."""

    def __init__(self, lake: Warehouse, pseudonyms: Pseudonyms | None = None, *, recover_failed: bool = False) -> None:
        """Load into `lake`, with `pseudonyms` for people if given; `recover_failed` opens failed deliveries."""
        self._lake = lake
        self._pseudonyms = pseudonyms
        self._files = TextFiles()
        self._arrivals_sql = _read_arrivals_sql()
        self._records = RecordLoader(lake, self._files, self._arrivals_sql, pseudonyms, recover_failed=recover_failed)
        self._room = lake.folder / "tmp" / "ingest"
        self._pool = ThreadPoolExecutor(WORKERS)
        self._searcher = ThreadPoolExecutor(1)  # one, so that the pieces of an object are looked at in their order
        self._slots = 0

    def __enter__(self) -> Self:
        self._room.mkdir(parents=True, exist_ok=True)
        self._lake.connection.register_filesystem(self._files)
        define_macros(self._lake, self._pseudonyms)
        return self

    def __exit__(self, *_: object) -> None:
        self._lake.connection.unregister_filesystem(PROTOCOL)
        self._pool.shutdown()
        self._searcher.shutdown()
        shutil.rmtree(self._room, ignore_errors=True)

    def load(self, loads: Sequence[Sequence[Arrival]]) -> None:
        """Load the events of objects, each once, and tell every arrival what became of it.

        The objects of one load are inserted by one statement, while those of the next are being read and those of the
        one before are looked at for what the statement did not know.
        """
        self._records.clear()
        ahead: _Reading | None = None
        searches: list[Future[None]] = []
        try:
            for load, then in pairwise([*loads, []]):
                reading, ahead = ahead or _Reading(load, self._pool), None
                while reading.texts:
                    read = reading.take()
                    if then and reading.is_over():
                        ahead = _Reading(then, self._pool)
                    counts = self._insert_lines([(one, piece) for one, _, part in read for piece in part])
                    self._settle(searches)
                    searches = self._search(read, iter(counts))
                    if not reading.is_over():
                        self._settle(searches)
                    reading.go_on()
            self._settle(searches)
        finally:
            wait(searches)  # none may still be counting when this is tried again
        self._finish([arrival for load in loads for arrival in load])

    def _search(self, read: Sequence[_Read], counts: Iterator[int]) -> list[Future[None]]:
        """Have what was read looked at for records that were not loaded, a piece of an object after the other."""
        searches = []
        for arrival, text, pieces in read:
            arrival.error = text.error
            loaded = list(islice(counts, len(pieces)))
            searches.append(self._searcher.submit(self._look_again, arrival, text, pieces, loaded))
        return searches

    def _look_again(self, arrival: Arrival, text: ObjectText, pieces: Sequence[Piece], loaded: Sequence[int]) -> None:
        try:
            found = _find(arrival, text, pieces, loaded)
        except AmbiguousError:
            arrival.is_unsure = True
        else:
            for record in found:
                self._records.open(record)

    def _settle(self, searches: Sequence[Future[None]]) -> None:
        """Wait for the searches, and insert what they found when it is much."""
        for search in searches:
            search.result()
        if self._records.is_full:
            self._records.insert()

    def _finish(self, batch: Sequence[Arrival]) -> None:
        """Load what the fast path did not know, and take out what came twice."""
        for arrival in batch:
            if arrival.error or arrival.is_unsure:
                self._take_back(arrival)
        for arrival in batch:
            if arrival.is_unsure and not arrival.error:
                self._insert_slowly(arrival)
        self._records.finish()
        duplicates = drop_duplicates(self._lake, batch[0].object_id)
        for arrival in batch:
            arrival.duplicates += duplicates.get(arrival.object_id, 0)

    def _insert_lines(self, pieces: Sequence[tuple[Arrival, Piece]]) -> list[int]:
        """The fast path: all pieces in one statement; returns how many records of each were loaded."""
        if not pieces:
            return []
        lake, first = self._lake, self._slots
        self._slots += len(pieces)
        numbers = [arrival.object_id for arrival, _ in pieces]
        lake.execute("set variable dump_objects = ?", [numbers])
        # Pushed down, the filter would work out the same values a second time: a fifth of the whole.
        lake.execute("set disabled_optimizers = 'filter_pushdown'")
        with self._files.serving([piece.text for _, piece in pieces]) as names, _noticed(pieces, names):
            lake.execute("set variable dump_files = ?", [names])
            lake.execute(
                f"""
                insert into raw.events by name
                select
                    a.* exclude (file_index, _object, _position, is_odd, problem, origin),
                    'ses' as origin,
                    getvariable('dump_objects')[a.file_index::bigint + 1]::bigint as object_id,
                    {first} + a.file_index as slot
                from ({self._arrivals_sql}) as a
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
                for record in split_records(text):
                    arrival.records += 1
                    self._records.open((arrival, arrival.records, record or b""))
                    if self._records.is_full:
                        self._records.insert()
        except TornError as torn:
            arrival.error = str(torn)
            self._take_back(arrival)

    def _take_back(self, arrival: Arrival) -> None:
        """Take out what was loaded of an object in this transaction."""
        self._lake.execute("delete from raw.events where object_id = ?", [arrival.object_id])
        self._records.take_back(arrival)
        arrival.take_back()


def _read_arrivals_sql() -> str:
    """What arrives from the files in the variable dump_files."""
    dump, arrivals = ((paths.SQL / "raw" / name).read_text(encoding="utf-8") for name in ("dump.sql", "arrivals.sql"))
    return arrivals.replace("from dump\n", f"from ({dump}) as dump\n")


class _Reading:
    """The objects of a batch being read in a pool, the whole of each that is not much longer than expected."""

    def __init__(self, batch: Sequence[Arrival], pool: Executor) -> None:
        self.texts = [(one, ObjectText(read_content(one.source))) for one in batch if not one.is_unsure]
        self._pool = pool
        self._found = pool.map(_read_some, self.texts)

    def take(self) -> list[_Read]:
        return [(one, text, pieces) for (one, text), pieces in zip(self.texts, self._found, strict=True)]

    def is_over(self) -> bool:
        return all(text.is_over for _, text in self.texts)

    def go_on(self) -> None:
        self.texts = [(one, text) for one, text in self.texts if not (text.is_over or one.is_unsure)]
        self._found = self._pool.map(_read_some, self.texts)


def _read_some(reading: tuple[Arrival, ObjectText]) -> list[Piece]:
    arrival, text = reading
    return text.read(2 * estimate_bytes(arrival.source) + PIECE_BYTES)


def _find(arrival: Arrival, text: ObjectText, pieces: Sequence[Piece], loaded: Sequence[int]) -> list[Record]:
    """The records of pieces that were not loaded, with their positions in the object."""
    found: list[Record] = []
    if text.error:
        return found
    if not text.has_lines:
        raise AmbiguousError
    is_whole = text.is_over and arrival.records == 0 and len(pieces) == 1
    for piece, count in zip(pieces, loaded, strict=True):
        records = count
        if piece.lines != count:
            unknown, records = find_leftovers(piece, count, is_whole=is_whole)
            found += [(arrival, arrival.records + position, record) for position, record in unknown]
        arrival.records += records
    return found


@contextmanager
def _noticed(pieces: Sequence[tuple[Arrival, Piece]], names: Sequence[str]) -> Iterator[None]:
    """DuckDB fails, whatever it was told to ignore, at a document that goes on in the next line: mark its object."""
    try:
        yield
    except MailgaugeError as error:
        found = re.search(rf"{PROTOCOL}://\d+\.json", str(error))
        if not found:
            raise
        pieces[names.index(found[0])][0].is_unsure = True
        raise SpreadError(str(error)) from None


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
