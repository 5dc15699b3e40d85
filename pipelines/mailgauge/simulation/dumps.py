"""The edge: writes events down between the two passes, and the objects as Firehose leaves them."""

import os
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from msgspec import msgpack

from mailgauge.simulation.document import render_record
from mailgauge.simulation.message import Event

STREAM = "ses-events"
RECORDS_AN_OBJECT = 10_000
GZIP = 16 + zlib.MAX_WBITS  # a gzip header, which zlib writes without a time in it
FRAME = 8
RECORDS_A_WRITE = 256
# One window in so many has its first object in a rarer form; this long a round shows each form in two days of dumps.
ROUND = 25
FORMS = {4: "concatenated", 10: "blank lines", 16: "plain", 22: "no suffix"}

encode = msgpack.Encoder().encode
decode = msgpack.Decoder(list[Event]).decode


def write_spill(folder: Path, arriving: dict[int, list[Event]]) -> None:
    """Append events to the notes of the window each arrives in; every process has notes of its own."""
    for window, events in arriving.items():
        data = encode(events)
        with (folder / f"{window}.{os.getpid()}").open("ab") as notes:
            notes.write(len(data).to_bytes(FRAME, "big") + data)


def read_spill(folder: Path, window: int) -> list[Event]:
    """All events that arrive in a window, in the order they arrive."""
    events: list[Event] = []
    for notes in folder.glob(f"{window}.*"):
        data, place = notes.read_bytes(), 0
        while place < len(data):
            begin = place + FRAME
            place = begin + int.from_bytes(data[place:begin], "big")
            events += decode(data[begin:place])
    events.sort(key=lambda event: event.order)
    return events


def _batches(events: list[Event], separator: str) -> Iterator[bytes]:
    for first in range(0, len(events), RECORDS_A_WRITE):
        records = [render_record(event) + separator for event in events[first : first + RECORDS_A_WRITE]]
        yield "".join(records).encode()


def _compress(parts: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(1, zlib.DEFLATED, GZIP)
    for part in parts:
        yield compressor.compress(part)
    yield compressor.flush()


def write_object(folder: Path, events: list[Event], form: str, random: Random) -> Path:
    """Write one object under the hour its oldest record arrived in."""
    arrived = datetime.fromtimestamp(events[0].arrived // 1000, UTC)
    digits = f"{random.getrandbits(128):032x}"
    unique = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
    suffix = "" if form in ("plain", "no suffix") else ".gz"
    path = folder / f"{arrived:%Y/%m/%d/%H}" / f"{STREAM}-1-{arrived:%Y-%m-%d-%H-%M-%S}-{unique}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    separator = {"concatenated": "", "blank lines": "\n\n"}.get(form, "\n")
    parts = _batches(events, separator)
    with path.open("wb") as target:
        target.writelines(parts if form == "plain" else _compress(parts))
    return path


def write_window(folder: Path, spill: Path, window: int, seed: int) -> int:
    """Write the objects of one window; returns how many."""
    events = read_spill(spill, window)
    random = Random(f"{seed}/objects/{window}")
    pieces = -(-len(events) // RECORDS_AN_OBJECT)
    for piece in range(pieces):
        part = events[len(events) * piece // pieces : len(events) * (piece + 1) // pieces]
        # A cut-off record can be told from its neighbour only where each has a line of its own.
        is_rare = piece == 0 and not any(event.kind == "Bad" for event in part)
        write_object(folder, part, FORMS.get(window % ROUND, "") if is_rare else "", random)
    return pieces
