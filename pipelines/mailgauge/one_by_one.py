"""Records that the fast path did not know, one by one: each is opened, and what is in it goes where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mailgauge.clean import is_clean
from mailgauge.envelopes import Kind, Letter, unwrap_event
from mailgauge.records import open_record
from mailgauge.shapes import MisfitError, fit_event
from mailgauge.streams import STREAMS, Arrived, add_letters

if TYPE_CHECKING:
    from mailgauge.arrivals import Arrival
    from mailgauge.pieces import TextFiles
    from mailgauge.pseudonyms import Pseudonyms
    from mailgauge.warehouse import Warehouse

    Record = tuple[Arrival, int, bytes]
    """A record of an object with its position from 1."""

_TEXT_BYTES = 64_000_000
"""How much text of events is gathered to be inserted at once."""
_LETTERS = 20_000
"""How many letters are gathered, which take more memory than their text."""
_OURS = b'"_object"', b'"_position"', b'"_origin"'
"""Keys that dump.sql reads and that no event has."""


class RecordLoader:
    """Loads records into the tables of a warehouse, within somebody's transaction."""

    def __init__(
        self,
        lake: Warehouse,
        files: TextFiles,
        arrivals_sql: str,
        pseudonyms: Pseudonyms | None = None,
        *,
        recover_failed: bool = False,
    ) -> None:
        """Load into `lake`, which reads `files` by `arrivals_sql`; `recover_failed` opens failed deliveries."""
        self._lake = lake
        self._files = files
        self._arrivals_sql = arrivals_sql
        self._pseudonyms = pseudonyms
        self._recover_failed = recover_failed
        self._lines: list[tuple[Record, bytes]] = []
        """Events as dump.sql reads them, each with the record it came from."""
        self._size = 0
        self._letters: list[tuple[Arrival, bytes, Arrived]] = []
        self._told: set[int] = set()
        """The objects whose letters were inserted."""

    @property
    def is_full(self) -> bool:
        """Whether so much was opened that it should be inserted."""
        return self._size > _TEXT_BYTES or len(self._letters) > _LETTERS

    def open(self, record: Record) -> None:
        """Open a record: events and letters wait to be inserted, what cannot be read is held in quarantine."""
        text = unwrap_event(record[2])
        if text and is_clean(text) and not any(key in text for key in _OURS):
            self._add_line(record, b'{"_origin":"ses",' + text.lstrip()[1:])
        else:
            self._open(record)

    def clear(self) -> None:
        """Forget what waits of a transaction that came to nothing."""
        self._lines, self._size, self._letters = [], 0, []
        self._told.clear()

    def insert(self) -> None:
        """Insert the events that wait, and the letters where they are many."""
        self._insert_lines()
        if len(self._letters) > _LETTERS:
            self._add_letters()

    def finish(self) -> None:
        """Insert all that waits; of letters that say the same, the one of the first object counts as loaded."""
        self._insert_lines()
        self._add_letters()

    def take_back(self, arrival: Arrival) -> None:
        """Drop what waits of an object, and take out what was inserted of its letters in this transaction."""
        self._letters = [waiting for waiting in self._letters if waiting[0] is not arrival]
        self._lines = [waiting for waiting in self._lines if waiting[0][0] is not arrival]
        if arrival.object_id in self._told:
            for stream in STREAMS.values():
                self._lake.execute(f"delete from {stream.relation} where object_id = ?", [arrival.object_id])

    def _open(self, record: Record) -> None:
        arrival, position, text = record
        letters = open_record(text, recover_failed=self._recover_failed)
        arrival.records += len(letters) - 1  # the record is counted as one
        for letter in letters:
            part = text if len(letters) == 1 else _show(letter)
            self._deliver((arrival, position, part), letter)

    def _deliver(self, record: Record, letter: Letter) -> None:
        arrival, position, text = record
        if letter.kind is Kind.EVENT:
            try:
                known = fit_event(letter.document)
            except MisfitError as misfit:
                arrival.hold(position, text, str(misfit))
            else:
                known["_origin"] = letter.document.get("_origin", "ses")
                self._add_line(record, msgspec.json.encode(known))
        elif letter.kind in STREAMS:
            self._letters.append((arrival, text, Arrived(arrival.object_id, position, letter)))
        elif letter.kind is Kind.IGNORED:
            arrival.ignored += 1
            arrival.records -= 1
        else:
            arrival.hold(position, text, letter.reason or "it cannot be read")

    def _add_line(self, record: Record, line: bytes) -> None:
        self._lines.append((record, line))
        self._size += len(line)

    def _insert_lines(self) -> None:
        """Insert the events of the lines gathered so far; a problem that SQL finds sends its record to quarantine."""
        if not self._lines:
            return
        lake = self._lake
        text = b"\n".join(_number(place, *waiting) for place, waiting in enumerate(self._lines))
        with self._files.serving([lambda: text]) as names:
            lake.execute("set variable dump_files = ?", [names])
            lake.execute(f"create or replace temp table known as select * from ({self._arrivals_sql})")
        lake.execute(
            """
            insert into raw.events by name
            select * exclude (file_index, _object, _position, is_odd, problem), _object as object_id
            from known where problem is null
            """
        )
        for row in lake.rows("select distinct _position, problem from known where problem is not null"):
            (arrival, position, record), _ = self._lines[row["_position"]]
            arrival.hold(position, record, row["problem"])
        lake.execute("drop table known")
        self._lines, self._size = [], 0

    def _add_letters(self) -> None:
        """Add what is new in the letters kept since the last time."""
        letters, self._letters = sorted(self._letters, key=lambda kept: (kept[0].object_id, kept[2].position)), []
        self._told |= {arrived.object_id for _, _, arrived in letters}
        kept = {id(arrived): (arrival, record) for arrival, record, arrived in letters}
        added = add_letters(self._lake, [arrived for _, _, arrived in letters], self._pseudonyms)
        for arrived in added.duplicates:
            kept[id(arrived)][0].duplicates += 1
        for arrived, reason in added.refused:
            arrival, record = kept[id(arrived)]
            arrival.hold(arrived.position, record, reason)


def _number(place: int, record: Record, line: bytes) -> bytes:
    return b'{"_object":%d,"_position":%d,' % (record[0].object_id, place) + line[1:]


def _show(letter: Letter) -> bytes:
    """One of several letters of a record as a record of its own."""
    document: Any = letter.document
    if isinstance(document, dict):
        document = {key: part for key, part in document.items() if key != "_origin"}
    return msgspec.json.encode(document)
