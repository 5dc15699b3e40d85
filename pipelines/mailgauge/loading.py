"""What arrives into raw.events: pieces of objects by the fast path, what that did not know record by record."""

from __future__ import annotations

import mmap
import re
import shutil
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Self

from mailgauge import paths
from mailgauge.containers import TornError
from mailgauge.duplicates import drop_duplicates
from mailgauge.errors import MailgaugeError
from mailgauge.feeds import Feed, Feeding, find_pieces
from mailgauge.leftovers import AmbiguousError, find_leftovers
from mailgauge.one_by_one import RecordLoader
from mailgauge.persons import define_macros
from mailgauge.pieces import PROTOCOL, TextFiles
from mailgauge.records import split_records
from mailgauge.sources import read_content

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from mailgauge.arrivals import Arrival
    from mailgauge.one_by_one import Record
    from mailgauge.pseudonyms import Pseudonyms
    from mailgauge.records import Text
    from mailgauge.sources import SourceObject
    from mailgauge.warehouse import Warehouse

    Search = tuple[Feed, Future[bool]]

READERS = 8
"""How many objects in S3 are read at the same time."""
SEARCHERS = 2
"""How many objects are looked at again at the same time."""


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
        self._pool = ThreadPoolExecutor(READERS)
        self._searchers = ThreadPoolExecutor(SEARCHERS)
        self._opening = Lock()
        self._slots = 0

    def __enter__(self) -> Self:
        self._room.mkdir(parents=True, exist_ok=True)
        self._lake.connection.register_filesystem(self._files)
        define_macros(self._lake, self._pseudonyms)
        return self

    def __exit__(self, *_: object) -> None:
        self._lake.connection.unregister_filesystem(PROTOCOL)
        self._pool.shutdown(cancel_futures=True)
        self._searchers.shutdown()
        shutil.rmtree(self._room, ignore_errors=True)

    def load(self, batch: Sequence[Arrival]) -> None:
        """Load the events of objects, each once, and tell every arrival what became of it.

        One statement inserts them, or several where much of their text has to be kept: while one runs, what the one
        before did not know is looked at.
        """
        self._records.clear()
        searches: list[Search] = []
        feeds = [Feed(arrival) for arrival in batch if not arrival.is_unsure]
        try:
            while feeds:
                self._insert_lines(feeds)
                self._settle(searches)
                more = [feed for feed in feeds if feed.has_more()]
                over = [feed for feed in feeds if feed not in more]
                searches = [(feed, self._searchers.submit(self._look_again, feed)) for feed in over]
                feeds = more
            self._settle(searches)
        finally:
            wait([search for _, search in searches])  # none may still be counting when this is tried again
        self._finish(batch)

    def _look_again(self, feed: Feed) -> bool:
        """Look for the records of an object that were not loaded; returns whether there was room for them."""
        if self._records.is_full:
            return False
        feed.arrival.error = feed.text.error
        try:
            found = _find(feed)
        except AmbiguousError:
            feed.arrival.is_unsure = True
        else:
            with self._opening:
                for record in found:
                    self._records.open(record)
        return True

    def _settle(self, searches: Sequence[Search]) -> None:
        """Wait for the searches, and make room for those that had none."""
        late = [feed for feed, search in searches if not search.result()]
        for feed in late:
            self._records.insert()
            self._look_again(feed)
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

    def _insert_lines(self, feeds: Sequence[Feed]) -> None:
        """The fast path: objects in one statement; notes how many records of each piece were loaded."""
        lake, first, feeding = self._lake, self._slots, Feeding(feeds, self._pool)
        self._slots += len(feeding.places)
        numbers = [feeds[number].arrival.object_id for number, _ in feeding.places]
        lake.execute("set variable dump_objects = ?", [numbers])
        # Pushed down, the filter would work out the same values a second time: a fifth of the whole.
        lake.execute("set disabled_optimizers = 'filter_pushdown'")
        with self._files.serving(feeding.makers()) as names, _noticed(feeding, names):
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
        for row in lake.rows(query, [numbers[0], first]):
            number, place = feeding.places[row["slot"] - first]
            feeds[number].shown[place].loaded = row["n"]

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


def _find(feed: Feed) -> list[Record]:
    """The records of an object that were not loaded, with their positions in it."""
    found: list[Record] = []
    arrival = feed.arrival
    if arrival.error:
        return found
    if not feed.text.has_lines:
        raise AmbiguousError
    for piece, shown in find_pieces(feed):
        records = shown.loaded
        if shown.lines != records:
            if piece is None:
                raise AmbiguousError
            unknown, records = find_leftovers(piece, records, is_whole=len(feed.shown) == 1)
            found += [(arrival, arrival.records + position, record) for position, record in unknown]
        arrival.records += records
    return found


@contextmanager
def _noticed(feeding: Feeding, names: Sequence[str]) -> Iterator[None]:
    """DuckDB fails, whatever it was told to ignore, at a document that goes on in the next line: mark its object."""
    try:
        yield
    except MailgaugeError as error:
        found = re.search(rf"{PROTOCOL}://\d+\.json", str(error))
        if not found:
            raise
        feeding.find(names.index(found[0])).arrival.is_unsure = True
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
