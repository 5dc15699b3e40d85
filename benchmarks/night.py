"""How long ingest and build take against the parse floor, and how much memory, in one run on one machine.

    python benchmarks/night.py [--messages 400000] [--data benchmarks/data]

The floor is DuckDB's own count of every column over read_json with the same typed schema (sql/raw/dump.sql).
Each figure is the best of the repeats, each in a process of its own, so that memory is that of the step alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

MESSAGES = 400_000  # about a million events
COLUMNS = [
    "eventType", "mail", "bounce", "complaint", "delivery", "reject", "open", "click", "failure", "deliveryDelay",
    "subscription",
]  # fmt: skip

STEP = """
import json, resource, sys, time
from datetime import datetime
from pathlib import Path
from mailgauge import paths
from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse

step, folder, dumps = sys.argv[1:4]
files = [str(path) for path in sorted(Path(dumps).rglob("*")) if path.is_file()]
start = time.perf_counter()
with Warehouse(Path(folder)) as lake:
    opened = time.perf_counter()
    if step == "ingest":
        ingest(lake, list_objects([dumps]), now=datetime(2026, 1, 1))
    elif step == "build":
        build_marts(lake, now=datetime(2026, 1, 1))
    elif step == "floor":
        zipped = [name for name in files if name.endswith(".gz")]
        lake.execute("set variable dump_files = ?", [zipped])
        counts = ", ".join(f'count("{name}")' for name in json.loads(sys.argv[4]))
        lake.rows(f"select {counts} from ({(paths.SQL / 'raw' / 'dump.sql').read_text()})")
    elif step == "auto":
        zipped = [name for name in files if name.endswith(".gz")]
        lake.execute(f"attach '{folder}.duckdb' as kept")  # a table that stays, as ours does
        lake.execute(
            "create table kept.auto as select * from "
            "read_json_auto($1, format = 'newline_delimited', ignore_errors = true)",
            [zipped],
        )
    events = lake.value("select coalesce(sum(records), 0)::bigint from raw.objects")
print(json.dumps({
    "seconds": time.perf_counter() - opened,
    "with_start": time.perf_counter() - start,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "events": events,
}))
"""


def run_step(step: str, folder: Path, dumps: Path) -> dict[str, Any]:
    """One step in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", STEP, step, str(folder), str(dumps), json.dumps(COLUMNS)],
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def make_dumps(data: Path, messages: int) -> Path:
    """Simulate once, keep for the next run."""
    from mailgauge.simulation import simulate  # noqa: PLC0415 (not in the worker processes)

    out = data / f"{messages}"
    if not (out / "_truth.json").exists():
        shutil.rmtree(out, ignore_errors=True)
        made = simulate(out, messages=messages, end=date(2026, 11, 23))
        print(f"simulate: {made.events / made.seconds:,.0f} records a second")
    return out / "events"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data")
    arguments = parser.parse_args()
    dumps = make_dumps(arguments.data, arguments.messages)
    best: dict[str, dict[str, Any]] = {}
    for _ in range(arguments.repeats):
        with tempfile.TemporaryDirectory(dir=arguments.data) as folder:
            for step, name in (
                ("floor", "floor"), ("ingest", "ingest"), ("build", "build"), ("ingest", "again"), ("auto", "auto"),
            ):  # fmt: skip
                found = run_step(step, Path(folder) / "warehouse", dumps)
                if name not in best or found["seconds"] < best[name]["seconds"]:
                    best[name] = found
    floor = best["floor"]["seconds"]
    print(f"{best['ingest']['events']:,} records")
    for name, found in best.items():
        ratio = found["seconds"] / floor
        print(f"{name:<8} {found['seconds']:7.2f} s  {ratio:5.2f} x floor  {found['peak_mb']:6.0f} MB")
    both = best["ingest"]["seconds"] + best["build"]["seconds"]
    print(f"ingest + build          {both / floor:5.2f} x floor")
    print(f"a second ingest, with the start of Python: {best['again']['with_start']:.2f} s")


if __name__ == "__main__":
    main()
