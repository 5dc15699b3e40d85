"""Dumps, the same for the same seed: every kind of record in every packing, bad ones, torn objects, duplicates."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from containers.packings import pack_snappy_framed, pack_snappy_hadoop, pack_zip
from documents import FIXTURES, TYPES, change, read_fixture
from wrapping import WRAPPERS

EXTRA = FIXTURES.parent
OTHERS = sorted(path for folder in ("envelopes", "streams") for path in (EXTRA / folder).glob("*.json"))
"""Legacy notifications, Pinpoint, receipts, Mail Manager, AWS's findings, tenants, housekeeping."""
BAD = [
    b"hello", b"5", b"[{}]", b'{"eventType":"Teleport","mail":{"messageId":"x"}}', b'{"eventType":"Send","mail":',
    b'{"errorCode":"Lambda.X","rawData":"e30="}', b'{"eventType":"Send","mail":"x"}', b"\xff\xfe",
]  # fmt: skip
PACKINGS: list[Callable[[bytes], bytes]] = [
    bytes,
    bytes,
    gzip.compress,
    gzip.compress,
    pack_zip,
    pack_snappy_framed,
    pack_snappy_hadoop,
]


def write_mixed(folder: Path, *, objects: int, seed: int = 7) -> Path:
    """Write `objects` objects under `folder`, of a few dozen records each; a tenth of them is torn."""
    chance = Random(seed)
    earlier: list[bytes] = []
    for number in range(objects):
        records = list(_make_records(chance, number, earlier))
        content = chance.choice([b"\n", b"\n", b"\n", b"", b"\r\n"]).join(records)
        packed = chance.choice(PACKINGS)(content)
        if number % 10 == 9:
            packed = gzip.compress(content)[:-20]
        target = folder / f"2026/03/30/{number // 20:02}" / f"ses-{number:04}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(packed)
        earlier += records[:3]
    return folder


def _make_records(chance: Random, number: int, earlier: list[bytes]) -> Iterator[bytes]:
    """The records of one object: events in half of all, most of them bare; the rest is one of everything else."""
    is_plain = number % 3 == 0
    names = list(TYPES.values())
    for place in range(chance.randrange(6, 24)):
        event: Any = change(read_fixture(chance.choice(names)), "mail.messageId", f"m{number}-{place // 4}")
        if not is_plain and chance.random() < 0.3:
            event = chance.choice(WRAPPERS)(event)
        yield json.dumps(event).encode()
    if is_plain:
        return
    for path in chance.sample(OTHERS, 6):
        document = json.loads(path.read_text(encoding="utf-8"))
        yield json.dumps(_rename(document, f"n{number}") if chance.random() < 0.7 else document).encode()
    yield from chance.sample(BAD, 2) if chance.random() < 0.5 else ()
    yield from chance.sample(earlier, min(len(earlier), 4))


def _rename(document: Any, name: str) -> Any:
    """Another one of its kind: the ids in it are made its own."""
    text = json.dumps(document)
    for key in ("messageId", "feedbackId"):
        text = text.replace(f'"{key}": "', f'"{key}": "{name}-')
    return json.loads(text)
