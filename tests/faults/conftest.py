from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.mixed_dumps import write_mixed
from faults.runs import Runs
from filling import build, load


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    with Runs() as runs:
        yield runs


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mixed dumps: the folder `old`, which `loaded` holds, and the folder `new`, which it does not."""
    room = tmp_path_factory.mktemp("mixed")
    write_mixed(room / "old", objects=4)
    write_mixed(room / "new", objects=10, seed=8)
    return room


@pytest.fixture(scope="module")
def _loaded(tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path, mixed: Path) -> Path:
    folder = tmp_path_factory.mktemp("loaded") / "warehouse"
    shutil.copytree(empty_warehouse, folder)
    load(folder, mixed / "old")
    build(folder)
    return folder


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as room:
        Path(room).chmod(0o755)
        yield Path(room)


@pytest.fixture
def loaded(room: Path, _loaded: Path) -> Path:
    """A warehouse with the old dumps, built."""
    return Path(shutil.copytree(_loaded, room / "warehouse"))


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, _loaded: Path, mixed: Path) -> Path:
    """A warehouse with the old dumps and, by one undisturbed run, the new ones."""
    folder = Path(shutil.copytree(_loaded, tmp_path_factory.mktemp("calm") / "warehouse"))
    load(folder, mixed / "new")
    return folder


@pytest.fixture
def tell(runs: Runs, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Run a command on a warehouse; returns its exit status and what it said, which is never a traceback."""

    def run(folder: Path, *arguments: object, user: int = 0) -> tuple[int, str]:
        status, said = runs.command_line(tmp_path / "said", "--warehouse", folder, *arguments, user=user)
        assert "Traceback" not in said
        assert status == 0 or said.count("\n") == 1, said
        return status, said.replace(str(folder), "W")

    return run


@pytest.fixture
def mount(room: Path) -> Iterator[Callable[..., None]]:
    """Mount something on a folder for the length of a test."""
    mounted: list[Path] = []

    def run(folder: Path, *options: str) -> None:
        if subprocess.run(["mount", *options, str(folder)], check=False).returncode:
            pytest.fail("this test mounts a file system: run it as root")
        if folder not in mounted:
            mounted.append(folder)

    yield run
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)
