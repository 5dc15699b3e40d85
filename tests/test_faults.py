"""Killed, full, newer, busy: the warehouse stays at its last commit, and the next run goes on from there."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from documents import all_types, as_lines, write_dump
from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.simulation import simulate
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW

STEPS = """
import sys
from datetime import datetime
from pathlib import Path
from mailgauge import ingest as module
from mailgauge.marts import build_marts
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
module.BATCH_BYTES = 1_000_000
with Warehouse(Path(sys.argv[1])) as lake:
    print("open", flush=True)
    if sys.argv[3] == "ingest":
        module.ingest(lake, list_objects([sys.argv[2]]), now=datetime(2026, 4, 1))
    else:
        build_marts(lake, now=datetime(2026, 4, 1), full=True)
"""


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("week") / "dumps"
    simulate(out, messages=4000, end=date(2026, 3, 30), processes=1)
    return out / "events"


def contents(folder: Path) -> dict[str, object]:
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW)
        return {
            "events": lake.value("select list(event_id order by event_id) from raw.events"),
            "ledger": lake.value("select count(*), sum(records), sum(loaded), sum(quarantined) from raw.objects"),
            "daily": sorted(map(str, lake.rows("select * from marts.daily"))),
        }


def test_an_interruption_of_a_step_is_no_error_of_the_database(week: Path, folder: Path) -> None:
    with Warehouse(folder) as lake:
        ingest(lake, list_objects([str(week)]), now=NOW)
    arguments = [sys.executable, "-c", STEPS, str(folder), str(week), "build"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert said == "" or said.splitlines()[-1] == "KeyboardInterrupt"


@pytest.mark.parametrize("step", ["ingest", "build"])
def test_killed_in_the_middle_and_run_again_is_one_undisturbed_run(
    step: str, week: Path, folder: Path, tmp_path: Path
) -> None:
    calm = tmp_path / "calm"
    shutil.copytree(folder, calm)
    for place in (calm, folder) if step == "build" else (calm,):
        with Warehouse(place) as lake:
            ingest(lake, list_objects([str(week)]), now=NOW)
    for delay in (0.05, 0.3, 0.7, 1.2):
        process = subprocess.Popen(
            [sys.executable, "-c", STEPS, str(folder), str(week), step], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    with Warehouse(folder) as lake:
        ingest(lake, list_objects([str(week)]), now=NOW)
    assert contents(folder) == contents(calm)


def test_a_full_disk_is_told_and_loses_nothing(week: Path, empty_warehouse: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False).returncode:
        pytest.fail("this test mounts a small tmpfs: run it as root")
    try:
        shutil.copytree(empty_warehouse, small / "warehouse")
        with Warehouse(small / "warehouse") as lake, pytest.raises(MailgaugeError, match=r"disk .*is full"):
            ingest(lake, list_objects([str(week)]), now=NOW)
        subprocess.run(["mount", "-o", "remount,size=300m", str(small)], check=True)
        with Warehouse(small / "warehouse") as lake:
            assert lake.value("select count(*) from raw.events") == 0
            assert ingest(lake, list_objects([str(week)]), now=NOW).loaded > 0
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_a_warehouse_of_a_newer_version_is_left_alone(folder: Path) -> None:
    with Warehouse(folder) as lake:
        lake.execute("update raw.warehouses set format = 99")
    for read_only in (False, True):
        with pytest.raises(UsageError, match=r"made by a newer mailgauge .*: upgrade mailgauge"):
            Warehouse(folder, read_only=read_only)


def test_a_reader_sees_the_last_commit_while_a_writer_works(folder: Path, dumps: Path) -> None:
    write_dump(dumps / "a", as_lines(all_types()))
    with Warehouse(folder) as writer:
        with writer.transaction():
            writer.execute("delete from raw.warehouses")
            with Warehouse(folder, read_only=True) as reader:
                assert reader.value("select count(*) from raw.warehouses") == 1
                assert reader.value("select count(*) from raw.events") == 0
        with Warehouse(folder, read_only=True) as reader:
            assert reader.value("select count(*) from raw.warehouses") == 0


def test_a_second_writer_waits_and_is_then_told(folder: Path) -> None:
    with Warehouse(folder), pytest.raises(MailgaugeError, match="Another run has been writing"):
        Warehouse(folder, lock_seconds=0.2)


def test_a_warehouse_that_was_moved_opens(folder: Path, dumps: Path, tmp_path: Path) -> None:
    write_dump(dumps / "a", as_lines(all_types()))
    with Warehouse(folder) as lake:
        ingest(lake, list_objects([str(dumps)]), now=NOW)
    folder.rename(tmp_path / "moved")
    with Warehouse(tmp_path / "moved", read_only=True) as lake:
        assert lake.value("select count(distinct event_type) from raw.events") == 10
