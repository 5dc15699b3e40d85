"""Two at once on one warehouse: one waits or is told, and nothing comes twice or is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from faults.contents import contents, garbage
from faults.runs import Runs
from filling import load
from mailgauge.warehouse import Warehouse


@pytest.mark.parametrize("steps", [("ingest", "ingest"), ("ingest", "build"), ("build", "ingest")])
def test_the_second_waits_and_the_end_is_that_of_one(
    steps: tuple[str, str], runs: Runs, loaded: Path, calm: Path, mixed: Path
) -> None:
    """Both ingest the new dumps, one of them the old ones as well, in many transactions."""
    asked: dict[str, list[list[Any]]] = {
        "ingest": [["ingest", loaded, mixed, 3], ["ingest", loaded, mixed / "new", 2]],
        "build": [["build", loaded]],
    }
    with Runs() as others, ThreadPoolExecutor() as pool:
        ends = [
            pool.submit(server.run, *asked[step][place % len(asked[step])])
            for place, (server, step) in enumerate(zip((runs, others), steps, strict=True))
        ]
        assert [end.result() for end in ends] == [0, 0]
    assert load(loaded, mixed / "new", mixed / "old").objects == 1, "the torn one"
    assert contents(loaded) == contents(calm)
    assert garbage(loaded) == []


@pytest.mark.parametrize("command", [["ingest"], ["build"], ["nightly"]])
def test_who_does_not_wait_is_told(command: list[str], runs: Runs, loaded: Path, mixed: Path, room: Path) -> None:
    settings = room / "mailgauge.toml"
    settings.write_text("lock_seconds = 0\n")
    arguments = [*command, *([] if command == ["build"] else [mixed / "new"])]
    with Warehouse(loaded):
        status, said = runs.command_line(room / "said", "--config", settings, "--warehouse", loaded, *arguments)
    words = f"mailgauge: Another run has been writing to the warehouse in {loaded} for 0 seconds: wait until it is done"
    assert (status, said) == (1, words + ", or raise lock_seconds.\n")
