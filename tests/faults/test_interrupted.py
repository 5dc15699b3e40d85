"""Ctrl-C and SIGTERM: a run ends at once, says no more than that, and half of nothing is kept."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from faults.contents import contents, garbage
from faults.runs import Runs


@pytest.mark.parametrize(("by", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_an_ingest_that_is_interrupted_keeps_half_of_nothing(
    *, by: int, status: int, runs: Runs, loaded: Path, calm: Path, mixed: Path, room: Path
) -> None:
    arguments: list[Any] = [room / "said", 0, "--warehouse", loaded, "ingest"]
    began = time.monotonic()
    assert runs.run("mailgauge", *arguments, mixed / "old") == 0
    span, chance = time.monotonic() - began, Random(by)
    ends = []
    for _ in range(5):
        seconds = 0.03 + chance.uniform(0, span)
        ends.append(runs.kill("mailgauge", *arguments, mixed / "new", after="open", seconds=seconds, by=by))
        said = (room / "said").read_text(encoding="utf-8")
        assert ends[-1] in (0, status), said
        assert ends[-1] == 0 or said.strip() in ("", "Aborted!", "Aborted."), said
    assert runs.run("mailgauge", *arguments, mixed / "new") == 0
    assert contents(loaded) == contents(calm)
    assert garbage(loaded) == []
