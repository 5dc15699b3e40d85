"""Steps of mailgauge, each timed in a process of its own: the best of several turns, as ratios to one of them."""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Any, Literal

from mailgauge.ingest import ingest
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mailgauge.buckets import Access

NOW = datetime(2026, 1, 1)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
MESSAGES = 400_000  # about a million events


@dataclass(frozen=True, slots=True)
class Measured:
    """What a step took, and what it returned."""

    seconds: float
    cpu_seconds: float
    """Of all threads."""
    peak_mb: float
    found: Any


@dataclass(frozen=True, slots=True)
class Run:
    """A step to measure: a function of an open warehouse and of `arguments`."""

    step: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    warehouse: str = "warehouse"
    """Runs that name the same one share it within a turn."""


def run_alone(work: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 (what the work returns)
    """Call a function in a process of its own, so that memory is that of the function alone."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def take_turns(
    runs: Mapping[str, Run], repeats: int, data: Path, *, figure: Literal["seconds", "cpu_seconds"] = "seconds"
) -> dict[str, Measured]:
    """Return the turn of each run that has the lowest `figure`.

    The runs take turns, so that a slow minute of the machine meets them all.
    """
    best: dict[str, Measured] = {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(dir=data) as room:
            for name, run in runs.items():
                measured: Measured = run_alone(_time, run, Path(room) / run.warehouse)
                if name not in best or getattr(measured, figure) < getattr(best[name], figure):
                    best[name] = measured
    return best


def _time(run: Run, folder: Path) -> Measured:
    with Warehouse(folder) as lake:
        seconds, cpu_seconds = time.perf_counter(), time.process_time()
        found = run.step(lake, *run.arguments)
        seconds, cpu_seconds = time.perf_counter() - seconds, time.process_time() - cpu_seconds
    return Measured(seconds, cpu_seconds, _read_peak_mb(), found)


def _read_peak_mb() -> float:
    """Linux tells of this program alone; getrusage also of what the starting process had in memory."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def ingest_dumps(lake: Warehouse, source: str, access: Access | None = None) -> int:
    """Load what is new in a folder or an S3 prefix; returns the number of records."""
    return ingest(lake, list_objects([source], access=access), now=NOW).records


def print_ratios(measured: Mapping[str, Measured], base: str) -> None:
    """Print a line a run: seconds, ratio to the run called `base`, CPU seconds, memory."""
    width = max(map(len, measured))
    for name, one in measured.items():
        ratio = one.seconds / measured[base].seconds
        print(
            f"{name:<{width}} {one.seconds:7.2f} s  {ratio:5.2f} x {base}  "
            f"{one.cpu_seconds:7.2f} CPU s  {one.peak_mb:6.0f} MB"
        )


def read_arguments(text: str | None, messages: int = MESSAGES) -> argparse.Namespace:
    """The options that all benchmarks have; `data` is a folder that exists."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=messages, help="how many the simulated sender sends")
    parser.add_argument("--repeats", type=int, default=3, help="how many turns each run has")
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data", help="where dumps are kept")
    arguments = parser.parse_args()
    arguments.data.mkdir(parents=True, exist_ok=True)
    return arguments
