"""Documents for tests: the fixtures by name, changed as a test needs them, written as dumps."""

from __future__ import annotations

import gzip
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent.parent / "data" / "fixtures" / "events"

TYPES = {
    "Send": "send",
    "Delivery": "delivery",
    "Bounce": "bounce-permanent",
    "Complaint": "complaint",
    "Reject": "reject",
    "Open": "open-by-a-person",
    "Click": "click-by-a-scanner",
    "Rendering Failure": "rendering-failure",
    "DeliveryDelay": "delivery-delay",
    "Subscription": "subscription-unsubscribe-all",
}
OWN_OBJECT = {
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Open": "open",
    "Click": "click",
    "DeliveryDelay": "deliveryDelay",
    "Subscription": "subscription",
}


def read_fixture(name: str) -> dict[str, Any]:
    """One document of data/fixtures/events."""
    document: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return document


def all_types() -> list[dict[str, Any]]:
    """One document of each of the ten event types."""
    return [read_fixture(name) for name in TYPES.values()]


def change(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a dotted path replaced, or taken out where it is `...`."""
    copy = deepcopy(document)
    *parents, last = path.split(".")
    place = copy
    for part in parents:
        place = place[part]
    if value is ...:
        place.pop(last, None)
    else:
        place[last] = value
    return copy


def as_lines(documents: list[dict[str, Any]]) -> bytes:
    """Newline-delimited JSON, as SES sends it."""
    return b"".join(json.dumps(document, ensure_ascii=False).encode() + b"\n" for document in documents)


def write_dump(path: Path, content: bytes, *, packed: bool = False) -> Path:
    """An object of a dump."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if packed else content)
    return path
