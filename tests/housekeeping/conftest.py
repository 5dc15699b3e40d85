"""A warehouse that several runs wrote to, and a reader in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from documents import all_types, as_lines, change, write_dump
from filling import build, load
from mailgauge.marts import COUNTED
from mailgauge.warehouse import Warehouse

READER = '''
import sys
from pathlib import Path
from mailgauge.warehouse import Warehouse
query = """select count(*) + count(distinct e.link) + (select count(o.subject) from marts.outcomes as o)
    from raw.events as e"""
with Warehouse(Path(sys.argv[1]), read_only=True) as lake, lake.transaction():
    print(lake.value(query), flush=True)
    for _ in sys.stdin:
        print(lake.value(query), flush=True)
'''


def write_runs(folder: Path, dumps: Path, runs: range) -> None:
    """A run of ingest and build each, of an object with too many events to be put in the catalog itself."""
    for number in runs:
        documents = [change(one, "mail.messageId", f"m{number}-{i}") for i, one in enumerate(all_types() * 3)]
        write_dump(dumps / f"{number:04}", as_lines(documents))
        load(folder, dumps)
        build(folder)


@pytest.fixture(scope="session")
def _worn(tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path) -> Path:
    folder = Path(shutil.copytree(empty_warehouse, tmp_path_factory.mktemp("worn") / "warehouse"))
    write_runs(folder, tmp_path_factory.mktemp("dumps"), range(4))
    return folder


@pytest.fixture
def worn(tmp_path: Path, _worn: Path) -> Path:
    """A warehouse that runs 0 to 3 wrote to."""
    return Path(shutil.copytree(_worn, tmp_path / "worn"))


@contextmanager
def reading(folder: Path) -> Iterator[Callable[[], int]]:
    """Someone who holds a transaction open in another process; yields what makes them read again."""
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        first = int(process.stdout.readline())

        def read_again() -> int:
            assert process.stdin
            assert process.stdout
            process.stdin.write("\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        assert read_again() == first
        yield read_again
        process.stdin.close()


def contents(folder: Path) -> dict[str, list[str]]:
    """The rows of every table that a step fills, in an order of their own."""
    names = ["raw.objects", "raw.quarantine", "raw.builds", "marts.outcomes", *(f"marts.{name}" for name in COUNTED)]
    with Warehouse(folder, read_only=True) as lake:
        found = {name: sorted(map(str, lake.rows(f"select * from {name}"))) for name in names}
        events = lake.rows("select * exclude (slot) from raw.events")
        return {**found, "raw.events": sorted(map(str, events))}


def list_parquet(folder: Path) -> set[Path]:
    """The Parquet files on the disk."""
    return set((folder / "data").rglob("*.parquet"))
