"""The simulation as a whole: two passes over windows of time, in as many processes as there are cores."""

import json
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Protocol, TypeVar

from mailgauge.simulation.dumps import write_spill, write_window
from mailgauge.simulation.post import open_office, post_window
from mailgauge.simulation.schedule import Request
from mailgauge.simulation.truth import Tally, tell_truth

ALONE_BELOW = 30_000  # messages: starting processes takes longer than this many need
PARTS_A_PROCESS = 8

T = TypeVar("T")


class Share(Protocol):
    """Does a piece of work for each part, here or in other processes, in any order."""

    def __call__(self, work: Callable[[range], T], parts: list[range], /) -> Iterable[T]:
        """Yield what each part comes to."""


class SimulationError(ValueError):
    """The simulation cannot be made as asked; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was written: `events` are all records, duplicates and bad records included."""

    messages: int
    events: int
    objects: int
    bad_records: int
    duplicates: int
    truth_path: Path
    seconds: float


def _post(request: Request, spill: Path, windows: range) -> Tally:
    """First pass: decide what happens to the messages sent in some windows."""
    tally = Tally()
    for window in windows:
        arriving, counts = post_window(request, window)
        write_spill(spill, arriving)
        tally.add(counts)
    return tally


def _write(folder: Path, spill: Path, seed: int, windows: range) -> int:
    """Second pass: write the objects of what arrives in some windows."""
    return sum(write_window(folder, spill, window, seed) for window in windows)


@contextmanager
def _workers(processes: int) -> Iterator[Share]:
    if processes == 1:
        yield map
        return
    # Spawned, not forked: the caller may hold threads and a database.
    context = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, context) as pool:
        try:
            yield partial(_share, pool)
        except BrokenProcessPool as error:
            # Spawning runs the caller's main module again, which must be a file that then does nothing.
            reason = "a process ended early: give processes=1, or call from under `if __name__ == '__main__':`"
            raise SimulationError(reason) from error
        except KeyboardInterrupt:  # then the pool is waited for: Python complains of one that ends beside it
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


def _share(pool: ProcessPoolExecutor, work: Callable[[range], T], parts: list[range]) -> Iterable[T]:
    """Give out the parts; the processes that this starts leave an interruption to the one that started them."""
    if threading.current_thread() is not threading.main_thread():
        return pool.map(work, parts)
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which they inherit
    try:
        return pool.map(work, parts)
    finally:
        signal.signal(signal.SIGINT, handler)


def _check(out: Path, messages: int, days: int, processes: int | None) -> None:
    for name, number in (("messages", messages), ("days", days), ("processes", processes)):
        if number is not None and number < 1:
            raise SimulationError(f"{name} is {number}: give 1 or more")
    if out.exists() and not out.is_dir():
        raise SimulationError(f"{out} is a file: name a new or an empty folder")
    if out.exists() and any(out.iterdir()):
        raise SimulationError(f"{out} is not empty: name a new or an empty folder")


def _run(request: Request, out: Path, processes: int) -> tuple[Tally, int]:
    schedule = open_office(request).schedule
    parts = processes * PARTS_A_PROCESS
    tally, objects = Tally(), 0
    with tempfile.TemporaryDirectory(prefix="_unwritten-", dir=out) as name, _workers(processes) as share:
        spill = Path(name)
        sending = [range(part, schedule.sending_windows, parts) for part in range(parts)]
        for counts in share(partial(_post, request, spill), sending):
            tally.add(counts)
        arriving = [range(part, schedule.arrival_windows, parts) for part in range(parts)]
        objects = sum(share(partial(_write, out / "events", spill, request.seed), arriving))
    return tally, objects


def simulate(  # noqa: PLR0913 - the door takes what the command line offers
    out: Path,
    *,
    messages: int = 20_000,
    days: int = 7,
    seed: int = 1,
    end: date,
    processes: int | None = None,
) -> Simulated:
    """Write the dumps of a sender's mail up to and including the day `end`, and the truth about them beside.

    The same arguments give the same bytes, whatever `processes` is (by default one for each core).

    Raises:
        SimulationError: `out` is not an empty folder, or a number is below 1.
    """
    _check(out, messages, days, processes)
    begun = perf_counter()
    request = Request(messages, days, seed, end)
    out.mkdir(parents=True, exist_ok=True)
    tally, objects = _run(request, out, processes or (1 if messages < ALONE_BELOW else os.cpu_count() or 1))
    truth_path = out / "_truth.json"
    truth = tell_truth(tally, request, objects)
    truth_path.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    seconds = perf_counter() - begun
    return Simulated(messages, tally.records, objects, tally.bad_records, tally.duplicates, truth_path, seconds)
