"""DuckDB with a lake attached; what it takes to start one is kept for the next lake that this process opens."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Connection = duckdb.DuckDBPyConnection

_EXTENSIONS = ("sqlite_scanner", "ducklake")
_idle: dict[int, list[Connection]] = {}
"""Engines of this process that have no lake: a process that was forked off cannot use those of its parent."""


@dataclass(frozen=True, slots=True)
class Lake:
    """Where a lake is."""

    catalog: Path
    data: Path
    """It may have been moved since the catalog was made."""
    read_only: bool


@contextmanager
def attached(lake: Lake, room: Path, memory_limit: str) -> Iterator[Connection]:
    """A connection whose names are those of `lake`, and which spills into `room`."""
    engine = _take_engine(room, memory_limit)
    connection = engine.cursor()
    try:
        _attach(connection, lake)
        yield connection
    finally:
        connection.close()
        _keep_engine(engine)


def load_statements(extension: str) -> list[str]:
    """What loads an extension of DuckDB: from its package where that is installed, else from DuckDB's repository."""
    try:
        shipped = files(f"duckdb-extension-{extension.replace('_', '-')}") or []
    except PackageNotFoundError:
        shipped = []
    for file in shipped:
        if file.name == f"{extension}.duckdb_extension":
            return [f"load {quote(file.locate())}"]
    return [f"install {extension}", f"load {extension}"]


def _take_engine(room: Path, memory_limit: str) -> Connection:
    while idle := _idle.get(os.getpid()):
        engine = idle.pop()
        with suppress(duckdb.Error):  # one that has spilled goes on spilling into the same folder
            return _set_up(engine, room, memory_limit)
        engine.close()
    engine = duckdb.connect()
    try:
        for extension in _EXTENSIONS:
            for statement in load_statements(extension):
                engine.execute(statement)
        return _set_up(engine, room, memory_limit)
    except BaseException:
        engine.close()
        raise


def _set_up(engine: Connection, room: Path, memory_limit: str) -> Connection:
    engine.execute("set memory_limit = ?", [memory_limit])
    engine.execute("set temp_directory = ?", [str(room)])
    engine.execute("reset disabled_optimizers")
    return engine


def _keep_engine(engine: Connection) -> None:
    """Keep one engine for the next lake; one whose lake somebody still uses is left to them."""
    idle = _idle.setdefault(os.getpid(), [])
    with suppress(duckdb.Error):
        engine.execute("detach database if exists lake")
        if not idle:
            idle.append(engine)
            return
    engine.close()


def _attach(connection: Connection, lake: Lake) -> None:
    connection.execute("set timezone = 'UTC'")
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set enable_progress_bar = false")
    options = f"data_path {quote(lake.data)}, override_data_path true"
    # In SQLite's own default mode, someone who reads for long keeps a writer from committing.
    options += ", read_only" if lake.read_only else ", meta_journal_mode 'WAL'"
    connection.execute(f"attach {quote(f'ducklake:sqlite:{lake.catalog}')} as lake ({options})")
    connection.execute("use lake")


def quote(value: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"
