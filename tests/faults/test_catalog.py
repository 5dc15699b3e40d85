"""The catalog and the files beside it held, broken, gone or another user's: one sentence, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.contents import contents
from filling import load
from mailgauge import warehouse
from mailgauge.refusals import BusyError
from mailgauge.warehouse import Warehouse

Tell = Callable[..., tuple[int, str]]
NOBODY = 65534
HOLD = """
import sqlite3, sys
catalog = sqlite3.connect(sys.argv[1], isolation_level=None)
catalog.execute("begin " + sys.argv[2])
catalog.execute("select count(*) from ducklake_table").fetchone()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(folder: Path, mode: str) -> Iterator[Callable[[], object]]:
    """Another process holds the catalog, until what is given is called."""
    program = [sys.executable, "-c", HOLD, str(folder / "catalog.sqlite"), mode]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield process.stdin.close
        process.stdin.close()


@pytest.mark.parametrize("mode", ["immediate", "exclusive"])
def test_a_catalog_held_for_long_is_told_and_the_next_run_goes_on(
    mode: str, loaded: Path, calm: Path, mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse, "PAUSES", (0.01, 0.01, None))
    with held(loaded, mode):
        with pytest.raises(BusyError, match=r"^Another program holds .*/catalog.sqlite locked: wait until it is done,"):
            load(loaded, mixed / "new")
        with Warehouse(loaded, read_only=True) as lake:
            assert lake.value("select count(*) from raw.objects") == 4
    assert load(loaded, mixed / "new").loaded > 0
    assert contents(loaded) == contents(calm)


def test_a_catalog_held_for_a_moment_is_waited_for(loaded: Path, calm: Path, mixed: Path) -> None:
    with held(loaded, "immediate") as let_go:
        waiting = threading.Timer(0.5, let_go)
        waiting.start()
        load(loaded, mixed / "new")
        waiting.join()
    assert contents(loaded) == contents(calm)


@pytest.mark.parametrize("reader", ["of the catalog", "of mailgauge"])
def test_someone_who_reads_for_long_keeps_nobody_from_writing(
    reader: str, loaded: Path, calm: Path, mixed: Path
) -> None:
    if reader == "of the catalog":
        with held(loaded, "deferred"):
            load(loaded, mixed / "new")
    else:
        with Warehouse(loaded, read_only=True) as lake, lake.transaction():
            before = lake.value("select count(*) from raw.events")
            load(loaded, mixed / "new")
            assert lake.value("select count(*) from raw.events") == before
    assert contents(loaded) == contents(calm)


def test_a_reader_opens_what_a_killed_writer_left(loaded: Path, tell: Tell) -> None:
    """As it was before WAL: a journal beside the catalog, which SQLite must roll back."""
    program = """
import os, signal, sqlite3, sys
catalog = sqlite3.connect(sys.argv[1], isolation_level=None)
catalog.execute("pragma journal_mode = delete")
catalog.execute("pragma cache_size = 2")
catalog.execute("begin immediate")
catalog.execute("create table large (a)")
catalog.executemany("insert into large values (?)", [("x" * 3000,)] * 300)
catalog.execute("delete from ducklake_table")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program, str(loaded / "catalog.sqlite")], check=False)
    assert (loaded / "catalog.sqlite-journal").stat().st_size > 0
    status, said = tell(loaded, "status")
    assert (status, "sums         agree" in said) == (0, True)


def cut(folder: Path) -> None:
    os.truncate(folder / "catalog.sqlite", 60_000)


def overwrite(folder: Path) -> None:
    (folder / "catalog.sqlite").write_bytes(b"hello " * 5000)


def empty(folder: Path) -> None:
    (folder / "catalog.sqlite").write_bytes(b"")


def replace(folder: Path) -> None:
    (folder / "catalog.sqlite").unlink()
    with sqlite3.connect(folder / "catalog.sqlite") as other:
        other.execute("create table notes (a)")
    other.close()


def remove(folder: Path) -> None:
    (folder / "catalog.sqlite").unlink()


def lose_a_file(folder: Path) -> None:
    for file in (folder / "data" / "raw").rglob("*.parquet"):
        file.unlink()


def lose_the_data(folder: Path) -> None:
    shutil.rmtree(folder / "data")


def break_a_file(folder: Path) -> None:
    for file in (folder / "data" / "raw").rglob("*.parquet"):
        file.write_bytes(b"x" * 100)


NO_WAREHOUSE = (2, "There is no warehouse in W: run")
DAMAGED = (1, "W/catalog.sqlite is damaged: put the warehouse back from a backup, or move it away and ingest")
UNLIKE = (1, "W/catalog.sqlite knows nothing of the events in W/data: put the warehouse back from a backup")
GONE = (1, ".parquet is gone, and the warehouse in W is not whole without it: put the warehouse back")
BROKEN = (1, ".parquet is damaged: put the warehouse back from a backup")


@pytest.mark.parametrize(
    ("harm", "reading", "writing"),
    [
        (cut, DAMAGED, DAMAGED),
        (overwrite, DAMAGED, DAMAGED),
        (empty, NO_WAREHOUSE, UNLIKE),
        (replace, NO_WAREHOUSE, UNLIKE),
        (remove, NO_WAREHOUSE, UNLIKE),
        (lose_a_file, GONE, GONE),
        (lose_the_data, GONE, GONE),
        (break_a_file, BROKEN, BROKEN),
    ],
)
def test_a_warehouse_that_is_not_whole_is_told_and_never_begun_anew(
    *,
    harm: Callable[[Path], None],
    reading: tuple[int, str],
    writing: tuple[int, str],
    loaded: Path,
    mixed: Path,
    tell: Tell,
) -> None:
    harm(loaded)
    for arguments, (status, words) in ((["status"], reading), (["ingest", mixed / "new"], writing)):
        found, said = tell(loaded, *arguments)
        assert (found, words in said) == (status, True), said


def test_another_user_may_read_and_is_told_that_it_may_not_write(
    loaded: Path, mixed: Path, tell: Tell, room: Path
) -> None:
    dumps = Path(shutil.copytree(mixed / "new", room / "new"))
    assert "sums         agree" in tell(loaded, "status")[1]
    status, said = tell(loaded, "status", user=NOBODY)
    assert (status, "sums         agree" in said) == (0, True), said
    for arguments in (["ingest", dumps], ["build"]):
        status, said = tell(loaded, *arguments, user=NOBODY)
        assert (status, "The warehouse folder W cannot be written: Permission denied" in said) == (2, True), said


@pytest.mark.parametrize("kept", ["writer.lock", "tmp", "data/raw/events"])
def test_a_part_of_the_warehouse_of_another_user_is_told(
    kept: str, loaded: Path, mixed: Path, tell: Tell, room: Path
) -> None:
    dumps = Path(shutil.copytree(mixed / "new", room / "new"))
    for path in (loaded, *loaded.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.chown(loaded / kept, 0, 0)
    status, said = tell(loaded, "ingest", dumps, user=NOBODY)
    assert status in (1, 2)
    assert "cannot be written: Permission denied" in said or "This user may not read or write all of" in said, said

    assert tell(loaded, "ingest", dumps)[0] == 0


def test_a_read_only_folder_is_read(loaded: Path, mixed: Path, tell: Tell, mount: Callable[..., None]) -> None:
    mount(loaded, "--bind", str(loaded))
    mount(loaded, "-o", "remount,ro,bind")
    status, said = tell(loaded, "status")
    assert (status, "sums         agree" in said) == (0, True), said
    status, said = tell(loaded, "ingest", mixed / "new")
    assert (status, "The warehouse folder W cannot be written: Read-only file system" in said) == (2, True), said
