"""The one door to DuckDB: a DuckLake in a folder, its relations, its one writer, its readers that never wait."""

from __future__ import annotations

import fcntl
import hashlib
import re
import time
from contextlib import contextmanager
from graphlib import TopologicalSorter
from importlib.metadata import PackageNotFoundError, files
from typing import IO, TYPE_CHECKING, Any, Self

import duckdb

from mailgauge import paths
from mailgauge.errors import MailgaugeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl

FORMAT = 1
"""The layout of the tables; a warehouse with a higher one was made by a newer mailgauge."""

LAYERS = ("raw", "staging", "marts", "metrics", "advisor")
"""The folders of sql/ in the order in which they read each other."""

Connection = duckdb.DuckDBPyConnection

_EXTENSIONS = ("sqlite_scanner", "ducklake")
_LOCKED = "database is locked"


class WarehouseError(MailgaugeError):
    """DuckDB refused something; the message is DuckDB's first line."""


class Warehouse:
    """An open warehouse; `with Warehouse(folder) as lake:` closes it.

    A writer takes a lock on the folder, so there is one at a time; readers take none and see the last commit.
    """

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        create: bool = True,
        memory_limit: str = "1GiB",
        lock_seconds: float = 600.0,
    ) -> None:
        """Open `folder`, making the warehouse there unless `read_only` or not to `create`."""
        self.folder = folder
        self._lock: IO[str] | None = None
        if (read_only or not create) and not (folder / "catalog.sqlite").is_file():
            raise UsageError(
                f"There is no warehouse in {folder}: run `mailgauge ingest` first, or name another folder."
            )
        if not read_only:
            self._lock = _take_lock(folder, lock_seconds)
        try:
            self._connection = _connect(folder, read_only=read_only, memory_limit=memory_limit)
            self._check_format()
            if not read_only:
                self._define()
        except BaseException:
            self._release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and let the next writer in."""
        self._connection.close()
        self._release()

    @property
    def connection(self) -> Connection:
        """DuckDB's own connection, for notebooks."""
        return self._connection

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> None:
        """Run a statement and drop its result."""
        self._run(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run a query and return a dictionary a row."""
        result = self._run(sql, parameters)
        names = _make_unique([column[0] for column in result.description or ()])
        return [dict(zip(names, row, strict=True)) for row in self._fetch(result)]

    def value(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 (any SQL value)
        """Run a query and return the first column of its first row, or None where there is no row."""
        found = self._fetch(self._run(sql, parameters))
        return found[0][0] if found else None

    def require_query(self, sql: str) -> None:
        """Raise an error unless `sql` is one statement that only reads: COPY and ATTACH write even here."""
        try:
            statements = self._connection.extract_statements(sql)
        except duckdb.Error as error:
            raise _translate(error) from error
        if len(statements) != 1:
            raise UsageError(f"{len(statements) or 'No'} statements were given: write one query.")
        if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
            raise WarehouseError(f"{statements[0].type.name} is no query, and this is read-only: write a SELECT.")

    def frame(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Run a query and return a Polars frame."""
        try:
            return self._run(sql, parameters).pl()
        except duckdb.Error as error:
            raise _translate(error) from error

    def insert(self, relation: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Append `records`, which all have the same keys, to `relation`."""
        if not records:
            return
        import pyarrow as pa  # noqa: PLC0415 (a tenth of a second that reading does not need)

        table = pa.Table.from_pylist(list(records))
        self._connection.register("inserted", table)
        try:
            self.execute(f"insert into {relation} by name select * from inserted")
        finally:
            self._connection.unregister("inserted")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything done inside together, or nothing of it."""
        self.execute("begin")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self.execute("commit")

    def _run(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None) -> duckdb.DuckDBPyConnection:
        for pause in (0.05, 0.1, 0.2, 0.4, 0.8, None):
            try:
                return self._connection.execute(sql, parameters)
            except duckdb.Error as error:
                if pause is None or _LOCKED not in str(error):
                    raise _translate(error) from error
                time.sleep(pause)
            except RuntimeError as error:  # how DuckDB tells that someone pressed Ctrl-C
                if "interrupted" in str(error):
                    raise KeyboardInterrupt from None
                raise
        raise AssertionError  # pragma: no cover (the last pause is None)

    @staticmethod
    def _fetch(result: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        try:
            return result.fetchall()
        except duckdb.Error as error:
            raise _translate(error) from error

    def _check_format(self) -> None:
        if not self._exists("raw", "warehouses"):
            return
        found = self.value("select format from raw.warehouses")
        if found is not None and found > FORMAT:
            raise UsageError(
                f"The warehouse in {self.folder} was made by a newer mailgauge (its format is {found}, "
                f"this one knows up to {FORMAT}): upgrade mailgauge, or name another warehouse."
            )

    def _exists(self, schema: str, table: str) -> bool:
        query = "select count(*) from information_schema.tables where table_schema = ? and table_name = ?"
        return bool(self.value(query, [schema, table]))

    def _define(self) -> None:
        """Make what is missing and bring the views up to date with the files of sql/."""
        current = fingerprint(LAYERS)
        if self._exists("raw", "warehouses") and self.value("select fingerprint from raw.warehouses") == current:
            return
        with self.transaction():
            for layer in LAYERS:
                self.execute(f"create schema if not exists {layer}")
                for file in layer_files(layer):
                    self._define_relation(layer, file)
            self.execute("delete from raw.warehouses")
            self.insert("raw.warehouses", [{"format": FORMAT, "fingerprint": current}])

    def _define_relation(self, layer: str, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        if "create table" in text or "create or replace view" in text:
            self.execute(text)
        elif layer in ("staging", "metrics"):
            self.execute(f"create or replace view {layer}.{file.stem} as {text}")
        elif layer == "marts":
            self._define_mart(file.stem, text)

    def _define_mart(self, name: str, text: str) -> None:
        """Make a mart that is missing or has other columns than its file says; the next build fills it."""
        self.execute("create or replace temp view touched_events as select * from staging.events")
        if name not in ("feedback_isps", "outcomes"):
            self.execute("create or replace temp view changed_outcomes as select *, 1 as weight from marts.outcomes")
        defined = self.rows(f"describe {text}")
        if self._exists("marts", name):
            if self.rows(f"describe marts.{name}") == defined:
                return
            self.execute(f"drop table marts.{name}")
            self.execute("delete from raw.builds")
        columns = ", ".join(f'"{column["column_name"]}" {column["column_type"]}' for column in defined)
        self.execute(f"create table marts.{name} ({columns})")

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _make_unique(names: list[str]) -> list[str]:
    """Columns that share a name get a number, so that none is lost: a, a_2."""
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}_{count + 1}" if count else name for name, count in zip(names, before, strict=True)]


def layer_files(layer: str) -> list[Path]:
    """The SQL files of a layer, each after those of the same layer that it reads."""
    files = {file.stem: file for file in sorted((paths.SQL / layer).glob("*.sql"))}
    order = TopologicalSorter({name: _names_read(file, layer) & files.keys() - {name} for name, file in files.items()})
    return [files[name] for name in order.static_order()]


def _names_read(file: Path, layer: str) -> set[str]:
    text = file.read_text(encoding="utf-8")
    names = set(re.findall(rf"\b{layer}\.(\w+)", text))
    return names | ({"outcomes"} if "from changed_outcomes" in text else set())


def fingerprint(layers: Sequence[str]) -> str:
    """A digest of the SQL files of `layers`: it changes when a definition does."""
    digest = hashlib.sha256()
    for layer in layers:
        for file in layer_files(layer):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _take_lock(folder: Path, seconds: float) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "writer.lock").open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The warehouse folder {folder} cannot be written: {error.strerror}.") from None
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                handle.close()
                raise MailgaugeError(
                    f"Another run has been writing to the warehouse in {folder} for {seconds:.0f} seconds: "
                    "wait until it is done, or raise lock_seconds."
                ) from None
            time.sleep(0.1)
        else:
            return handle


def _connect(folder: Path, *, read_only: bool, memory_limit: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    try:
        for extension in _EXTENSIONS:
            _load(connection, extension)
        connection.execute("set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        connection.execute("set memory_limit = ?", [memory_limit])
        connection.execute("set temp_directory = ?", [str(folder / "tmp")])
        options = f"data_path {_quote(folder.resolve() / 'data')}, override_data_path true"  # the folder may have moved
        if read_only:
            options += ", read_only"
        catalog = _quote(f"ducklake:sqlite:{folder.resolve() / 'catalog.sqlite'}")
        connection.execute(f"attach {catalog} as lake ({options})")
        connection.execute("use lake")
    except duckdb.Error as error:
        connection.close()
        raise WarehouseError(f"The warehouse in {folder} cannot be opened: {_first_line(error)}") from error
    return connection


def _load(connection: duckdb.DuckDBPyConnection, extension: str) -> None:
    """Load an extension from its package where that is installed, else from DuckDB's own repository."""
    try:
        shipped = files(f"duckdb-extension-{extension.replace('_', '-')}") or []
    except PackageNotFoundError:
        shipped = []
    for file in shipped:
        if file.name == f"{extension}.duckdb_extension":
            connection.execute(f"load {_quote(file.locate())}")
            return
    connection.execute(f"install {extension}")
    connection.execute(f"load {extension}")


def _quote(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _first_line(error: duckdb.Error) -> str:
    return str(error).strip().split("\n", 1)[0]


def _translate(error: duckdb.Error) -> MailgaugeError:
    line = _first_line(error)
    if "No space left" in str(error):
        return WarehouseError(f"The disk is full: free some space and run it again. ({line})")
    return WarehouseError(line)
