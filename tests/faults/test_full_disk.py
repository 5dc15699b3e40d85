"""A full disk, at whatever point it fills up: one sentence that names the folder, and the next run goes on."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.contents import contents, garbage
from filling import load

Tell = Callable[..., tuple[int, str]]
Mount = Callable[..., None]
FULL = r"^mailgauge: The disk of W is full( or failing)?: free some space"


@pytest.mark.parametrize("room_kilobytes", [0, 8, 40, 80, 120, 200, 320])
def test_a_full_disk_is_told_and_the_next_run_goes_on(
    *, room_kilobytes: int, loaded: Path, calm: Path, mixed: Path, tell: Tell, mount: Mount, room: Path
) -> None:
    small = room / "small"
    small.mkdir()
    mount(small, "-t", "tmpfs", "-o", "size=30m", "tmpfs")
    folder = Path(shutil.copytree(loaded, small / "warehouse"))
    used = int(subprocess.run(["du", "-sk", small], capture_output=True, check=True, text=True).stdout.split()[0])
    subprocess.run(["mount", "-o", f"remount,size={used + room_kilobytes}k", small], check=True)
    for command in (["ingest", mixed / "new"], ["build"]):
        status, said = tell(folder, *command)
        assert status == 0 or (status, bool(re.search(FULL, said))) == (1, True), said
    subprocess.run(["mount", "-o", "remount,size=30m", small], check=True)
    load(folder, mixed / "new")
    assert contents(folder) == contents(calm)
    assert garbage(folder) == []


@pytest.mark.parametrize("part", ["data", "tmp"])
def test_a_full_disk_under_a_part_of_the_warehouse_is_told(
    *, part: str, loaded: Path, calm: Path, mixed: Path, tell: Tell, mount: Mount, room: Path
) -> None:
    shutil.move(loaded / part, room / "kept")
    (loaded / part).mkdir()
    mount(loaded / part, "-t", "tmpfs", "-o", "size=30m", "tmpfs")
    shutil.copytree(room / "kept", loaded / part, dirs_exist_ok=True)
    (loaded / part / "filler").touch()
    subprocess.run(f"cat /dev/zero > {loaded / part / 'filler'}", shell=True, check=False, capture_output=True)  # noqa: S602 (its end is the full disk)
    status, said = tell(loaded, "ingest", mixed / "new")
    assert (status, bool(re.search(FULL, said))) == (1, True), said
    (loaded / part / "filler").unlink()
    load(loaded, mixed / "new")
    assert contents(loaded) == contents(calm)
