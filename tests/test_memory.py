"""What DuckDB's allocator keeps once mailgauge has loaded it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

READ = """
import ctypes
import mailgauge.engine
import _duckdb
library = ctypes.CDLL(_duckdb.__file__)
names = "duckdb_je_opt_dirty_decay_ms", "duckdb_je_opt_lg_extent_max_active_fit"
print(*(ctypes.c_ssize_t.in_dll(library, name).value for name in names))
"""


@pytest.mark.parametrize(
    ("wishes", "found"), [({}, "3000 12"), ({"DUCKDB_JE_MALLOC_CONF": "dirty_decay_ms:7000"}, "7000 6")]
)
def test_duckdb_s_allocator_keeps_what_was_wished_unless_somebody_else_has_wishes(
    wishes: dict[str, str], found: str
) -> None:
    mine = {name: value for name, value in os.environ.items() if name != "DUCKDB_JE_MALLOC_CONF"}
    done = subprocess.run([sys.executable, "-c", READ], env=mine | wishes, check=True, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == (found, "")
