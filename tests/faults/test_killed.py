"""Killed at any moment: what was committed stays, what was not is gone without a trace, and the next run goes on."""

from __future__ import annotations

import shutil
import signal
import time
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from faults.contents import contents, garbage
from faults.mixed_dumps import write_mixed
from faults.runs import Runs
from filling import load

KILLS = 50


def test_fifty_kills_and_a_run_after_each_are_one_undisturbed_run(tmp_path: Path, empty_warehouse: Path) -> None:
    """The first run makes the warehouse; one in six builds; each is killed so long after it started, opened, loaded."""
    dumps, calm, folder = write_mixed(tmp_path / "dumps", objects=60), tmp_path / "calm", tmp_path / "warehouse"
    chance, ends = Random(11), []
    run: list[Any]
    load(calm, dumps)
    with Runs() as runs:
        spans = _measure(runs, Path(shutil.copytree(empty_warehouse, tmp_path / "measured")), tmp_path / "few")
        for number in range(KILLS):
            if number < 5:  # there is no warehouse yet
                run, after, seconds = ["ingest", folder, dumps, 1], "start", chance.uniform(0, 4 * spans["start"])
            else:
                run = ["build", folder] if number % 6 == 5 else ["ingest", folder, dumps, 1]
                after = chance.choice(["start", "open", "batch"][: len(run)])
                seconds = chance.uniform(0, spans[after])
            ends.append(runs.kill(*run, after=after, seconds=seconds))
        assert runs.run("ingest", folder, dumps, 1000) == 0
    assert ends.count(-signal.SIGKILL) > KILLS / 2
    assert set(ends) <= {0, -signal.SIGKILL}
    assert load(folder, dumps).loaded == 0
    assert contents(folder) == contents(calm)
    assert garbage(folder) == []


def _measure(runs: Runs, folder: Path, few: Path) -> dict[str, float]:
    """How long it takes from a word of a run to its next."""
    said: list[tuple[str, float]] = []
    write_mixed(few, objects=3)
    assert runs.run("ingest", folder, few, 1, watch=lambda word: said.append((word, time.monotonic()))) == 0
    heard = [one for one in said if not one[0].startswith("pid")]
    return {word: then - at for (word, at), (_, then) in pairwise(heard)}


def test_what_a_killed_run_wrote_and_did_not_commit_is_cleared_by_the_next(folder: Path, dumps: Path) -> None:
    write_mixed(dumps, objects=2)
    orphan = folder / "data" / "raw" / "events" / "ducklake-of-a-killed-run.parquet"
    rooms = [folder / "tmp" / name for name in ("writer", "ingest")]
    orphan.parent.mkdir(parents=True, exist_ok=True)
    for file in (orphan, rooms[0] / "spilled.tmp", rooms[1] / "7"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    load(folder, dumps)
    assert garbage(folder) == []
    assert not any(room.exists() for room in rooms)
