"""What a night of a million events costs on top of a long history, against the same night on an empty warehouse.

    python benchmarks/history.py [--messages 400000] [--days 29] [--repeats 2] [--data benchmarks/data]

The history is the simulated events again and again, each time moved a day into the past under ids of their own. A
hundredth of the night's events are late: opens and complaints of messages of the whole history. Every step is the
command, with the start of Python. Traces are of the history, in a process that has it open.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from dumps import keep_simulated
from mailgauge.housekeeping import compact
from mailgauge.marts import build_marts
from mailgauge.settings import HousekeepingSettings
from mailgauge.trace import read_trace
from mailgauge.warehouse import Warehouse
from measuring import NOW, ingest_dumps, read_arguments, run_alone

DAYS = 29
LATE_SHARE = 0.01
OPENS_OF_LATE = 0.97
STEPS = ("ingest", "build", "validate", "advise", "report", "alert")
_MOVED = {
    "message_id": "printf('%016x', ('0x' || substr(message_id, 1, 16))::bigint - {days}::bigint * 86400000)"
    " || substr(message_id, 17)",
    "event_id": "md5(event_id::varchar || '{days}')::uuid",
    "occurred_at": "occurred_at - interval {days} day",
    "sent_at": "sent_at - interval {days} day",
    "expires_at": "expires_at - interval {days} day",
    "feedback_id": "feedback_id || '-{days}'",
    "day": '("day" - {days})::date',
    "object_id": "object_id + {objects}",
}


def keep_history(data: Path, messages: int, days: int) -> Path:
    """A built warehouse of the simulated events of so many days before, and LATE files beside it; made once."""
    folder = data / f"{messages}-history-{days}"
    if (folder / "ready").exists():
        run_alone(_bring_up_to_date, folder)
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run_alone(_make_history, folder, str(keep_simulated(data, messages)), days)
    (folder / "ready").touch()
    return folder


def _make_history(folder: Path, dumps: str, days: int) -> None:
    with Warehouse(folder / "once") as lake:
        ingest_dumps(lake, dumps)
    with Warehouse(folder / "warehouse") as lake:
        once = (folder / "once").resolve()
        lake.execute(f"attach 'ducklake:sqlite:{once}/catalog.sqlite' as once (data_path '{once}/data', read_only)")
        for turn, day in enumerate(range(days, 0, -1)):
            _add_moved(lake, day, turn)
        lake.execute("detach once")
        build_marts(lake, now=NOW)
        compact(lake, HousekeepingSettings(), now=NOW)
        seen = lake.value("select max(rowid) from raw.events")
        lake.insert(
            "advisor.validations",
            [{"validated_at": NOW, "day": NOW.date(), "is_passed": True, "failures": "[]", "seen_row": seen}],
        )
        late = _make_late(lake)
    (folder / "late").mkdir()
    (folder / "late" / "late.json").write_text("".join(f"{json.dumps(event)}\n" for event in late), encoding="utf-8")
    shutil.rmtree(folder / "once")


def _bring_up_to_date(folder: Path) -> None:
    """Definitions may have changed since it was made."""
    with Warehouse(folder / "warehouse") as lake:
        if build_marts(lake, now=NOW).outcomes:
            compact(lake, HousekeepingSettings(), now=NOW)


def _add_moved(lake: Warehouse, days: int, turn: int) -> None:
    objects = lake.value("select max(object_id) from once.raw.objects") * turn
    changed = ", ".join(f'{text.format(days=days, objects=objects)} as "{name}"' for name, text in _MOVED.items())
    lake.execute(f"insert into raw.events by name select * replace ({changed}) from once.raw.events")
    lake.execute(
        f"""
        insert into raw.objects by name
        select * replace (
            object_id + {objects} as object_id, object_uri || '-{days}' as object_uri,
            records - quarantined as records, 0 as quarantined
        )
        from once.raw.objects
        """
    )


def _make_late(lake: Warehouse) -> list[dict[str, Any]]:
    count = round(lake.value("select count(*) from raw.events where object_id <= 1000000") * LATE_SHARE / DAYS)
    random = Random(1)
    rows = lake.rows(
        f"""
        select message_id, recipient, sent_at, identity, account_id, delivered_at from marts.outcomes
        where delivered_at is not null and is_feedback_capable and not is_simulator
        order by hash(message_id) limit {count}
        """
    )
    return [_make_event(row, random) for row in rows]


def _make_event(row: dict[str, Any], random: Random) -> dict[str, Any]:
    at = row["delivered_at"] + timedelta(seconds=random.randrange(3600, 30 * 86_400))
    mail = {
        "timestamp": f"{row['sent_at']:%Y-%m-%dT%H:%M:%S.000Z}",
        "messageId": row["message_id"],
        "source": f"news@{row['identity']}",
        "sourceArn": f"arn:aws:ses:eu-west-1:{row['account_id']}:identity/{row['identity']}",
        "sendingAccountId": row["account_id"],
        "destination": [row["recipient"]],
    }
    stamp = f"{at:%Y-%m-%dT%H:%M:%S.000Z}"
    if random.random() < OPENS_OF_LATE:
        opened = {"timestamp": stamp, "ipAddress": "198.51.100.7", "userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}
        return {"eventType": "Open", "mail": mail, "open": opened}
    complaint = {
        "timestamp": stamp,
        "feedbackId": f"late-{row['message_id']}",
        "complainedRecipients": [{"emailAddress": row["recipient"]}],
        "complaintFeedbackType": "abuse",
    }
    return {"eventType": "Complaint", "mail": mail, "complaint": complaint}


def time_night(folder: Path, sources: list[str], day: str) -> dict[str, float]:
    """The seconds of each step of a night on a warehouse."""
    options = {
        "ingest": sources,
        "advise": ["--no-dns"],
        "report": ["--day", day, "--out", str(folder / "reports")],
        "alert": ["--dry-run", "--day", day],
    }
    command = [str(Path(sys.executable).with_name("mailgauge")), "--warehouse", str(folder)]
    seconds = {}
    for step in STEPS:
        began = time.perf_counter()
        subprocess.run([*command, step, *options.get(step, [])], check=True, stdout=subprocess.DEVNULL)
        seconds[step] = time.perf_counter() - began
    return seconds


def time_traces(warehouse: Path, repeats: int) -> dict[str, float]:
    """The seconds of a trace by message id, by address and by subject, the best of some."""
    best: dict[str, float] = {}
    with Warehouse(warehouse, read_only=True) as lake:
        (known,) = lake.rows(
            "select message_id, recipient from marts.outcomes where clicked_at is not null and recipient is not null "
            "order by hash(message_id) limit 1"
        )
        sought = {"message id": known["message_id"], "address": known["recipient"], "subject": "no such subject"}
        for _ in range(repeats):
            for name, wanted in sought.items():
                began = time.perf_counter()
                read_trace(lake, wanted)
                best[name] = min(best.get(name, 60.0), time.perf_counter() - began)
    return best


def link_copy(warehouse: Path, copy: Path) -> None:
    """A copy that shares the data files, which never change."""

    def link(source: str, target: str) -> None:
        (os.link if source.endswith(".parquet") else shutil.copy2)(source, target)

    shutil.copytree(warehouse, copy, copy_function=link)


def main() -> None:
    """Print the steps of both nights."""
    arguments = read_arguments(__doc__)
    dumps = str(keep_simulated(arguments.data, arguments.messages))
    history = keep_history(arguments.data, arguments.messages, DAYS)
    sources = [dumps, str(history / "late")]
    with Warehouse(history / "warehouse", read_only=True) as lake:
        events, day = lake.value("select count(*) from raw.events"), lake.value("select max(day) - 1 from marts.daily")
    best: dict[str, dict[str, float]] = {}
    for _ in range(arguments.repeats):
        for name in ("empty", "history"):
            with TemporaryDirectory(dir=arguments.data) as room:
                if name == "history":
                    link_copy(history / "warehouse", Path(room) / "warehouse")
                night = time_night(Path(room) / "warehouse", sources, f"{day}")
            if name not in best or sum(night.values()) < sum(best[name].values()):
                best[name] = night
    print(f"{events:,} events before")
    for step in STEPS:
        print(f"{step:<9} {best['empty'][step]:6.2f} s on nothing  {best['history'][step]:6.2f} s on the history")
    for wanted, seconds in time_traces(history / "warehouse", arguments.repeats).items():
        print(f"trace by {wanted}: {seconds:.2f} s")
    nothing, onto = (sum(best[name].values()) for name in ("empty", "history"))
    print(f"night     {nothing:6.2f} s on nothing  {onto:6.2f} s on the history: {onto / nothing:.2f} x")


if __name__ == "__main__":
    main()
