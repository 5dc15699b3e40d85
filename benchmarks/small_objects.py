"""Whether a warehouse of many small objects grows slower per object, in nights of a hundred objects each.

    python benchmarks/small_objects.py [--nights 100] [--objects 100] [--events 50]

Each night is a process's worth of work on what the nights before it left: open, ingest, build. Some of what it brings
was sent in nights before, so that rows of older files are replaced. As a night comes after a few seconds and not after
a day, snapshots end and files go after as many seconds as there would be days. A table gets a file a night, and so
every 20th night compacts; the ratio is the processor time per object of the last two such rounds over that of the
first two. 1.0 means that nothing grows.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailgauge import steps
from mailgauge.settings import HousekeepingSettings, Settings

LATE_DAYS = (1, 1, 2, 4, 7, 12)
"""How many days after its sending a message is opened again, one for each object of the earlier night."""
ROUNDS = 39
"""Nights of two rounds: the first compacts in its 20th night, and each later one a night or half a one sooner."""
DAY_SECONDS = 3.0
"""What stands for a day."""
USUAL = HousekeepingSettings()
QUICK = HousekeepingSettings(
    snapshot_days=USUAL.snapshot_days * DAY_SECONDS / 86_400, grace_hours=USUAL.grace_hours * DAY_SECONDS / 86_400
)
START = datetime(2026, 1, 1)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
ISPS = ("gmail.com", "yahoo.com", "outlook.com", "gmx.de", "shop.example")


def make_event(night: datetime, name: str, place: int, late: timedelta = timedelta(0)) -> dict[str, Any]:
    """A Send, a Delivery or an Open of one of the messages of a night, so much later."""
    number, kind = divmod(place, 3)
    recipient = f"r{number}@{ISPS[number % len(ISPS)]}"
    moment = f"{night + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}.000Z"
    happened = f"{night + late + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}.000Z"
    mail = {
        "timestamp": moment,
        "messageId": f"{name}-{number}",
        "source": "news@acme.example",
        "sourceArn": "arn:aws:ses:eu-central-1:111122223333:identity/acme.example",
        "sendingAccountId": "111122223333",
        "destination": [recipient],
        "tags": {"ses:configuration-set": ["news"], "ses:from-domain": ["acme.example"]},
        "commonHeaders": {"from": ["news@acme.example"], "subject": f"News {number}"},
    }
    own: dict[str, Any] = (
        {"eventType": "Send", "send": {}},
        {
            "eventType": "Delivery",
            "delivery": {"timestamp": moment, "recipients": [recipient], "smtpResponse": "250 ok"},
        },
        {"eventType": "Open", "open": {"timestamp": happened, "ipAddress": "192.0.2.1", "userAgent": "Mozilla/5.0"}},
    )[kind]
    return own | {"mail": mail}


def write_night(folder: Path, night: int, objects: int, events: int) -> None:
    """The objects of a night, in a folder of their own as Firehose makes them."""
    folder.mkdir(parents=True)
    for place in range(objects):
        name = f"{night:04}-{place:04}"
        documents = [make_event(START + timedelta(days=night), name, event) for event in range(events)]
        for message, days in enumerate(LATE_DAYS):
            if days <= night:
                sent, older = START + timedelta(days=night - days), f"{night - days:04}-{place:04}"
                documents.append(make_event(sent, older, 3 * (message + 1) + 2, timedelta(days=days)))
        lines = map(json.dumps, documents)
        (folder / f"{name}.gz").write_bytes(gzip.compress("\n".join(lines).encode(), 1))


def run_night(warehouse: Path, dumps: Path) -> dict[str, float]:
    """Processor seconds of an ingest and a build, each of which opens the warehouse and compacts it when due."""
    settings = Settings(warehouse=warehouse, housekeeping=QUICK)
    start = time.process_time()
    steps.ingest(settings, [str(dumps)])
    ingested = time.process_time()
    steps.build(settings)
    return {"ingest": ingested - start, "build": time.process_time() - ingested}


def main() -> None:
    """Print a line every tenth of the nights, then the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=100)
    parser.add_argument("--objects", type=int, default=100, help="of a night")
    parser.add_argument("--events", type=int, default=50, help="of an object")
    parser.add_argument("--folder", type=Path, default=None, help="where to work; a temporary one by default")
    arguments = parser.parse_args()
    taken: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for night in range(arguments.nights):
            dumps = Path(folder) / "dumps" / f"{night:04}"
            write_night(dumps, night, arguments.objects, arguments.events)
            taken.append(run_night(Path(folder) / "warehouse", dumps))
            if (night + 1) % max(1, arguments.nights // 10) == 0:
                files = sum(1 for _ in (Path(folder) / "warehouse" / "data").rglob("*.parquet"))
                told = "  ".join(f"{name} {seconds:5.2f} s" for name, seconds in taken[-1].items())
                print(f"night {night + 1:>4}: {told}  {files:,} files", flush=True)
    first, last = (
        [sum(night.values()) / arguments.objects for night in part] for part in (taken[1 : ROUNDS + 1], taken[-ROUNDS:])
    )
    begun, ended = statistics.mean(first), statistics.mean(last)
    print(f"processor seconds per object: {begun:.4f} at the beginning, {ended:.4f} at the end")
    print(f"ratio {ended / begun:.2f}")


if __name__ == "__main__":
    main()
