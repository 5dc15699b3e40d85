"""Compacting: fewer files with the same rows, readers undisturbed, nothing removed too early, killed at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from documents import all_types, as_lines, write_dump
from housekeeping.conftest import contents, list_parquet, reading, write_runs
from mailgauge import housekeeping, steps
from mailgauge.housekeeping import MERGE_BYTES, compact, compact_when_due, flush_inlined
from mailgauge.marts import build_marts
from mailgauge.refusals import BusyError
from mailgauge.settings import HousekeepingSettings, Settings
from mailgauge.warehouse import Warehouse
from moments import NOW

USUAL = HousekeepingSettings()

COMPACT = """
import sys
from pathlib import Path
from mailgauge import steps
from mailgauge.housekeeping import compact
from mailgauge.settings import HousekeepingSettings
from mailgauge.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])) as lake:
    print("open", flush=True)
    compact(lake, HousekeepingSettings(snapshot_days=0.00001, grace_hours=0), now=steps.read_clock())
"""


def test_many_files_become_few_and_hold_the_same_rows(worn: Path) -> None:
    before = contents(worn)
    with Warehouse(worn) as lake:
        done = compact(lake, USUAL, now=steps.read_clock())
        again = compact(lake, USUAL, now=steps.read_clock())
    assert contents(worn) == before
    assert done.files_after < done.files_before / 2
    assert (again.files_before, again.files_after) == (done.files_after, done.files_after)
    assert (done.snapshots, done.removed) == (0, 0)
    assert done.waiting > 0


def test_rows_of_the_catalog_are_moved_by_one_thread(worn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads end the process, one time in a few hundred."""
    before = contents(worn)
    execute = Warehouse.execute
    threads = []

    def watch(lake: Warehouse, sql: str, parameters: Any = None) -> None:
        if "flush_inlined" in sql:
            threads.append(lake.value("select current_setting('threads')"))
        execute(lake, sql, parameters)

    monkeypatch.setattr(Warehouse, "execute", watch)
    monkeypatch.setattr(housekeeping, "INLINED_ROWS", 0)
    with Warehouse(worn) as lake:
        lake.execute("set threads = 2")
        compact(lake, USUAL, now=steps.read_clock())
        flush_inlined(lake)
        assert lake.value("select current_setting('threads')") == 2
    assert set(threads) == {1}
    assert len(threads) > 2
    assert contents(worn) == before


def test_an_older_state_can_be_read_until_its_days_are_over(worn: Path, dumps: Path) -> None:
    with Warehouse(worn) as lake:
        number = lake.value("select max(snapshot_id) from ducklake_snapshots('lake')")
        events = lake.value("select count(*) from raw.events")
    write_runs(worn, dumps, range(4, 6))
    with Warehouse(worn) as lake:
        compact(lake, USUAL, now=steps.read_clock() + timedelta(days=6))
        assert lake.value(f"select count(*) from raw.events at (version => {number})") == events
        assert lake.value("select count(*) from raw.events") > events
        assert compact(lake, USUAL, now=steps.read_clock() + timedelta(days=8)).snapshots > 0
        left = lake.rows("select snapshot_id from ducklake_snapshots('lake')")
    assert number not in {row["snapshot_id"] for row in left}


def test_files_go_when_the_grace_is_over_and_the_rows_stay(worn: Path) -> None:
    before, files = contents(worn), list_parquet(worn)
    with Warehouse(worn) as lake:
        compact(lake, USUAL, now=steps.read_clock())
        assert files <= list_parquet(worn)
        done = compact(lake, USUAL, now=steps.read_clock() + timedelta(days=8))
        assert done.waiting == 0
        assert done.bytes_after < done.bytes_before
    assert len(list_parquet(worn)) == done.files_after
    assert contents(worn) == before


def test_someone_who_reads_for_long_goes_on_reading_their_snapshot(worn: Path, dumps: Path) -> None:
    with reading(worn) as read_again:
        before = read_again()
        write_runs(worn, dumps, range(4, 6))
        with Warehouse(worn, lock_seconds=0.2) as lake:
            build_marts(lake, now=NOW, full=True)
            assert compact_when_due(lake, HousekeepingSettings(compact_above_files=1), now=steps.read_clock()) is None
            with pytest.raises(BusyError, match=r"^Someone has been reading .*: close notebooks and queries"):
                compact(lake, USUAL, now=steps.read_clock())
        assert read_again() == before
    with Warehouse(worn) as lake:
        assert compact_when_due(lake, HousekeepingSettings(compact_above_files=1), now=steps.read_clock())
    with reading(worn) as read_again:
        assert read_again() > before


def test_killed_at_any_moment_the_next_run_brings_it_to_an_end(worn: Path, dumps: Path) -> None:
    before = contents(worn)
    for delay in (0.0, 0.06, 0.15, 0.3):
        with subprocess.Popen([sys.executable, "-c", COMPACT, str(worn)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "open\n"
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        assert contents(worn) == before
    with Warehouse(worn) as lake:
        done = compact(lake, USUAL, now=steps.read_clock() + timedelta(days=8))
    assert contents(worn) == before
    assert len(list_parquet(worn)) == done.files_after
    write_runs(worn, dumps, range(4, 5))


def test_what_a_killed_run_left_is_removed_and_not_before_a_day(folder: Path, dumps: Path) -> None:
    write_runs(folder, dumps, range(1))
    orphan = folder / "data" / "raw" / "events" / "ducklake-01990000-0000-7000-8000-000000000000.parquet"
    orphan.write_bytes(b"PAR1")
    with Warehouse(folder) as lake:
        compact(lake, USUAL, now=steps.read_clock())
        assert orphan.exists()
        assert compact(lake, USUAL, now=steps.read_clock() + timedelta(days=2)).removed == 1
    assert not orphan.exists()


def test_a_warehouse_that_moved_loses_nothing(worn: Path, tmp_path: Path) -> None:
    before = contents(worn)
    moved = worn.rename(tmp_path / "moved")
    with Warehouse(moved) as lake:
        compact(lake, USUAL, now=steps.read_clock() + timedelta(days=8))
    assert contents(moved) == before


def test_ingest_and_build_compact_when_many_files_came_together(folder: Path, dumps: Path) -> None:
    settings = Settings(warehouse=folder, housekeeping=HousekeepingSettings(compact_above_files=3))
    for number in range(6):
        write_dump(dumps / str(number), as_lines(all_types()[: number + 1]))
        steps.ingest(settings, [str(dumps)])
        steps.build(settings)
        with Warehouse(folder, read_only=True) as lake:
            counts = lake.rows("select file_count + delete_file_count as files from ducklake_table_info('lake')")
        assert max(row["files"] for row in counts) <= 3


def test_files_are_merged_though_a_row_or_many_of_them_are_deleted(worn: Path) -> None:
    """Rows of `marts.outcomes` are replaced when something comes late, in the catalog itself where they are few."""
    with Warehouse(worn) as lake:
        for number in range(4):
            lake.execute(f"delete from raw.events where message_id = 'm{number}-0'")
        lake.execute("delete from raw.events where message_id like 'm2-%'")
    before = contents(worn)
    with Warehouse(worn) as lake:
        assert compact_when_due(lake, HousekeepingSettings(compact_above_files=3), now=steps.read_clock())
        assert len(lake.rows("select data_file from ducklake_list_files('lake', 'events', schema => 'raw')")) == 1
        again = compact_when_due(lake, HousekeepingSettings(compact_above_files=3), now=steps.read_clock())
    assert again is None
    assert contents(worn) == before


def test_what_is_large_already_is_merged_when_as_many_of_its_size_came_together(
    worn: Path, dumps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compact_above(limit: int) -> set[Path]:
        with Warehouse(worn) as lake:
            assert compact_when_due(lake, HousekeepingSettings(compact_above_files=limit), now=steps.read_clock())
            named = lake.rows("select data_file from ducklake_list_files('lake', 'events', schema => 'raw')")
        return {Path(row["data_file"]) for row in named}

    night = max(file.stat().st_size for file in (worn / "data" / "raw" / "events").iterdir())
    monkeypatch.setattr(housekeeping, "SIZES", (0, night + 1, MERGE_BYTES))
    (first,) = compact_above(3)
    assert first.stat().st_size > night
    write_runs(worn, dumps, range(4, 8))
    before = contents(worn)
    both = compact_above(3)
    assert len(both) == 2
    assert first in both
    assert not compact_above(1) & both
    assert contents(worn) == before
