"""The dumps that the benchmarks read, each made once and kept: simulated, their clean events alone, and spoilt ones.

To have them made again, delete the folder they are kept in.
"""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import date
from functools import partial
from hashlib import blake2b
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from mailgauge.clean import is_clean
from mailgauge.records import show_record
from mailgauge.simulation import simulate
from mailgauge.sources import list_objects, read_content
from measuring import run_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

OBJECT_RECORDS = 10_000
"""About 2 MB in gzip, as Firehose writes where much arrives."""
WRAPPED_SHARE, BAD_SHARE = 0.1, 0.001
JOINED_EVERY = 10
"""One object in so many has no newlines between its records."""
BAD_LIST = "_bad.json"


def keep_simulated(data: Path, messages: int) -> Path:
    """Everything that a simulated sender's stream holds: duplicates, bad records and rare forms too."""
    return _keep(data / f"{messages}", partial(_simulate, messages)) / "events"


def keep_clean(data: Path, messages: int) -> Path:
    """Each simulated event once, and nothing else, newline-delimited in gzip objects of one size."""
    return _keep(data / f"{messages}-clean", partial(_write_clean, keep_simulated(data, messages)))


def keep_small(data: Path, messages: int, objects: int, records: int) -> Path:
    """The first clean events in many small objects."""
    make = partial(_write_small, keep_clean(data, messages), objects, records)
    return _keep(data / f"{messages}-{objects}-of-{records}", make)


def keep_mixed(data: Path, messages: int) -> Path:
    """The clean events as dumps are in real life; BAD_LIST in that folder holds the bad records among them."""
    return _keep(data / f"{messages}-mixed", partial(_write_mixed, keep_clean(data, messages)))


def keep_one_object(data: Path, messages: int, records: int, kind: str | None, separator: bytes = b"\n") -> Path:
    """One object of clean events, that in the middle spoilt in the way that SPOILERS calls `kind`."""
    title = (
        f"{messages}-one-of-{records}-{'joined' if not separator else 'lines'}-{(kind or 'clean').replace(' ', '-')}"
    )
    return _keep(data / title, partial(_write_one, keep_clean(data, messages), records, kind, separator))


def read_records(folder: Path) -> Iterator[bytes]:
    """Every line of every object in a folder; records side by side are taken to be lines, which cuts some bad ones."""
    for source in list_objects([str(folder)]):
        text = b"".join(read_content(source)).replace(b"}{", b"}\n{")
        yield from filter(None, text.splitlines())


def _keep(target: Path, make: Callable[[Path], None]) -> Path:
    if not target.exists():
        unfinished = target.with_name(f"{target.name}-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        run_alone(make, unfinished)
        unfinished.rename(target)
    return target


def _simulate(messages: int, out: Path) -> None:
    made = simulate(out, messages=messages, end=date(2026, 11, 23))
    print(f"simulate: {made.events / made.seconds:,.0f} records a second")


def _write_clean(simulated: Path, out: Path) -> None:
    _write(out, _cut(_choose_clean(read_records(simulated)), OBJECT_RECORDS), lambda _: b"\n")


def _choose_clean(records: Iterable[bytes]) -> Iterator[bytes]:
    """Without bad records and without copies, also those whose keys stand in another order."""
    seen: set[bytes] = set()
    for record in records:
        if record.startswith(b'{"eventType"') and is_clean(record):
            content = msgspec.json.encode(msgspec.json.decode(record), order="sorted")
            digest = blake2b(content, digest_size=16).digest()
            if digest not in seen:
                seen.add(digest)
                yield record


def _write_small(clean: Path, objects: int, records: int, out: Path) -> None:
    _write(out, islice(_cut(read_records(clean), records), objects), lambda _: b"\n")


def _write_mixed(clean: Path, out: Path) -> None:
    random, bad = Random(1), []

    def mix() -> Iterator[list[bytes]]:
        for place, records in enumerate(_cut(read_records(clean), OBJECT_RECORDS)):
            kinds = list(JOINED_SPOILERS if _is_joined(place) else SPOILERS)
            mixed = []
            for record in records:
                mixed.append(wrap_in_sns(record, random) if random.random() < WRAPPED_SHARE else record)
                if random.random() < BAD_SHARE:
                    mixed.append(SPOILERS[random.choice(kinds)](record))
                    bad.append(show_record(mixed[-1]))
            yield mixed

    _write(out, mix(), lambda place: b"" if _is_joined(place) else b"\n")
    (out / BAD_LIST).write_text(json.dumps(bad), encoding="utf-8")


def _is_joined(place: int) -> bool:
    return place % JOINED_EVERY == 1


def _write_one(clean: Path, records: int, kind: str | None, separator: bytes, out: Path) -> None:
    chosen = list(islice(read_records(clean), records))
    if kind:
        chosen[len(chosen) // 2] = SPOILERS[kind](chosen[len(chosen) // 2])
    _write(out, [chosen], lambda _: separator)


def _cut(records: Iterator[bytes], size: int) -> Iterator[list[bytes]]:
    while part := list(islice(records, size)):
        yield part


def _write(out: Path, objects: Iterable[list[bytes]], separator_of: Callable[[int], bytes]) -> None:
    out.mkdir(parents=True)
    for place, records in enumerate(objects):
        separator = separator_of(place)
        text = separator.join(records) + separator
        (out / f"events-{place:05}.gz").write_bytes(gzip.compress(text, 1, mtime=0))


def wrap_in_sns(record: bytes, random: Random) -> bytes:
    """An event as a topic with a Firehose subscription writes it (SNS, message delivery to Firehose, S3)."""
    topic = "arn:aws:sns:eu-west-1:111122223333:ses-events"
    address = "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn="
    digits = f"{random.getrandbits(128):032x}"
    return msgspec.json.encode(
        {
            "Type": "Notification",
            "MessageId": f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-a{digits[17:20]}-{digits[20:]}",
            "TopicArn": topic,
            "Subject": "Amazon SES Email Event Notification",
            "Message": record.decode() + "\n",
            "Timestamp": "2026-11-20T10:15:30.123Z",
            "UnsubscribeURL": f"{address}{topic}:7a1b2c3d-0000-4000-8000-000000000001",
        }
    )


def _drop_message_id(record: bytes) -> bytes:
    document: dict[str, Any] = msgspec.json.decode(record)
    del document["mail"]["messageId"]
    return msgspec.json.encode(document)


def _reshape(record: bytes) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(record) | {"mail": ["it", "was", "an", "object"]})


SPOILERS: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda record: record[: len(record) * 2 // 3].rstrip(),
    "garbage": lambda _: b"2026-11-20 10:15:30 ERROR upstream said 503 Service Temporarily Unavailable",
    "without messageId": _drop_message_id,
    "invalid UTF-8": lambda record: record.replace(b'"messageId":"', b'"messageId":"caf\xe9 ', 1),
    "wrong shape": _reshape,
    "wrapped and cut off": lambda record: wrap_in_sns(record[: len(record) // 2], Random(len(record))),
}
"""How a record becomes a bad one, still without a line break in it."""
JOINED_SPOILERS = [kind for kind in SPOILERS if kind != "cut off"]
"""Where records stand side by side, a cut-off one cannot be told from the next."""
