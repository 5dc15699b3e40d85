"""Runs that are forked from a process with everything imported, so that many can be killed in little time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

TESTS = Path(__file__).parent.parent


def serve() -> None:
    """Fork a run for each line of JSON, and tell how it ended; nothing here has begun a thread."""
    for line in sys.stdin:
        _say("start")
        pid = os.fork()
        if pid == 0:
            os._exit(_end(*json.loads(line)))
        _say(f"pid {pid}")
        _say(f"exit {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}")


def _say(words: str) -> None:
    os.write(1, words.encode() + b"\n")


def _end(step: str, *arguments: Any) -> int:
    try:
        _STEPS[step](*arguments)
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001 (it ends here)
        traceback.print_exc()
        return 99
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _ingest(folder: str, source: str, batch: int) -> None:
    from mailgauge import ingest as module
    from mailgauge.sources import list_objects
    from mailgauge.warehouse import Warehouse
    from moments import NOW

    module.BATCH_OBJECTS = batch
    with Warehouse(Path(folder)) as lake:
        _say("open")
        module.ingest(lake, list_objects([source]), now=NOW, progress=lambda *_: _say("batch"))


def _build(folder: str) -> None:
    from mailgauge.marts import build_marts
    from mailgauge.warehouse import Warehouse
    from moments import NOW

    with Warehouse(Path(folder)) as lake:
        _say("open")
        build_marts(lake, now=NOW)


def _command_line(said: str, user: int, *arguments: str) -> None:
    from mailgauge.cli import main

    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    _say("open")
    for stream in (1, 2):
        os.dup2(file, stream)
    if user:
        os.setgid(user)
        os.setuid(user)
    sys.argv = ["mailgauge", *arguments]
    main()


_STEPS: dict[str, Callable[..., None]] = {"ingest": _ingest, "build": _build, "mailgauge": _command_line}


class Runs:
    """A server of runs; `with Runs() as runs:` stops it."""

    def __enter__(self) -> Self:
        program = "import pyarrow; from mailgauge import cli, ingest, listings, marts, status, steps, words; "
        self._server = subprocess.Popen(
            [sys.executable, "-c", program + "from faults.runs import serve; serve()"],
            cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def run(self, step: str, *arguments: Any, watch: Callable[[str], Any] = str) -> int:
        """Run a step to its end and return its exit status; `watch` hears when it starts, opened, and did a batch."""
        assert self._server.stdin
        assert self._server.stdout
        told = json.dumps([step, *arguments], default=str)
        self._server.stdin.write(told + "\n")
        while not (word := self._server.stdout.readline().strip()).startswith("exit"):
            assert word, "the server of runs ended"
            watch(word)
        return int(word.split()[1])

    def kill(self, step: str, *arguments: Any, after: str, seconds: float, by: int = signal.SIGKILL) -> int:
        """Run a step, and end it by a signal so long after it first said a word."""
        said: list[str] = []
        pids: list[int] = []

        def watch(word: str) -> None:
            said.append(word)
            if word.startswith("pid"):
                pids.append(int(word.split()[1]))
            if pids and after in said:
                time.sleep(seconds)
                with suppress(ProcessLookupError):
                    os.kill(pids.pop(), by)

        return self.run(step, *arguments, watch=watch)

    def command_line(self, said: Path, *arguments: Any, user: int = 0) -> tuple[int, str]:
        """Run a command as a user; returns its exit status and what it said, kept in a file."""
        status = self.run("mailgauge", said, user, *arguments)
        return status, said.read_text(encoding="utf-8")
