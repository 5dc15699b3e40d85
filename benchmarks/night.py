"""How long ingest and build take against the parse floor, and how much memory, in one run on one machine.

    python benchmarks/night.py [--messages 400000] [--data benchmarks/data]

The floor is DuckDB's own count of every column over read_json with the same typed schema (sql/raw/dump.sql).
Each figure is the best of the repeats, each in a process of its own, so that memory is that of the step alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dumps import keep_simulated
from mailgauge import paths, shapes
from mailgauge.marts import build_marts
from measuring import NOW, Run, ingest_dumps, print_ratios, read_arguments, take_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.warehouse import Warehouse


def count_columns(lake: Warehouse, files: Sequence[str]) -> None:
    """Parse files and count each column: the least that reading them can take."""
    lake.execute("set variable dump_files = ?", [files])
    counts = ", ".join(f'count("{name}")' for name in shapes.EVENT)
    lake.rows(f"select {counts} from ({(paths.SQL / 'raw' / 'dump.sql').read_text()})")


def build(lake: Warehouse) -> None:
    """Bring the marts up to date."""
    build_marts(lake, now=NOW)


def read_auto(lake: Warehouse, files: Sequence[str]) -> None:
    """What a person would write: a table that stays, as ours does."""
    lake.execute(f"attach '{lake.folder}.duckdb' as kept")
    query = "select * from read_json_auto($1, format = 'newline_delimited', ignore_errors = true)"
    lake.execute(f"create table kept.auto as {query}", [files])


def ingest_by_command(lake: Warehouse, source: str) -> None:
    """The command, with the start of Python."""
    lake.close()  # the command is the writer now
    command = Path(sys.executable).with_name("mailgauge")
    subprocess.run([command, "--warehouse", lake.folder, "ingest", source], check=True, stdout=subprocess.DEVNULL)


def list_zipped(dumps: Path) -> list[str]:
    """The gzip objects of a folder."""
    return sorted(str(path) for path in dumps.rglob("*.gz"))


def main() -> None:
    """Print the table."""
    arguments = read_arguments(__doc__)
    dumps = keep_simulated(arguments.data, arguments.messages)
    files = list_zipped(dumps)
    runs = {
        "floor": Run(count_columns, (files,)),
        "ingest": Run(ingest_dumps, (str(dumps),)),
        "build": Run(build),
        "again": Run(ingest_by_command, (str(dumps),)),
        "auto": Run(read_auto, (files,)),
    }
    best = take_turns(runs, arguments.repeats, arguments.data)
    again = best.pop("again").seconds
    print(f"{best['ingest'].found:,} records")
    print_ratios(best, "floor")
    both = best["ingest"].seconds + best["build"].seconds
    print(f"ingest + build: {both / best['floor'].seconds:.2f} x floor")
    print(f"a second ingest, with the start of Python: {again:.2f} s")


if __name__ == "__main__":
    main()
