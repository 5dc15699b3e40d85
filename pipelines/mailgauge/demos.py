"""The demo: a sender's week that goes wrong at the end, and the night that finds out."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from mailgauge import nights, steps, words
from mailgauge.errors import UsageError
from mailgauge.metrics import read_metric
from mailgauge.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MARK = ".mailgauge-demo"


def run_demo(out: Path, *, messages: int, say: Callable[[str], None]) -> None:
    """Simulate a week that ends yesterday into `out`, run the night on it, and say its complaint rates.

    A folder that an earlier demo made is made anew; any other that holds something is left alone.
    """
    from mailgauge.simulation import simulate  # noqa: PLC0415 (an eighth of a second that nothing else needs)

    _clear(out)
    dumps = out / "dumps"
    say(f"Simulating {messages:,} messages of a week that ends yesterday …")
    made = simulate(dumps, messages=messages, end=steps.yesterday())
    say(f"{made.events:,} records in {made.objects:,} objects.")
    settings = Settings(warehouse=out / "warehouse", sources=[str(dumps / "events")])
    nights.run_night(settings, (), None, say=say)
    with steps.open_warehouse(settings, read_only=True) as lake:
        rows = read_metric(lake, "complaint_rate", by=["identity", "isp"], since=steps.yesterday())
    worst = sorted(rows, key=lambda row: row["rate"] or 0, reverse=True)[:5]
    say("Yesterday's highest complaint rates:")
    say(words.show_rows(worst, "table", percents=("rate", "low", "high")))
    say(words.DEMO_NEXT.format(warehouse=out / "warehouse"))


def _clear(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise UsageError(f"{out} holds other things: name a new folder with --out.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / _MARK).touch()
