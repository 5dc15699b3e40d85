"""The one door to DuckDB: a DuckLake in a folder, its relations, its one writer, its readers that never wait."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from graphlib import TopologicalSorter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, TypeVar

import duckdb

from mailgauge import paths
from mailgauge.comments import COLUMNS_FILE, write_comments
from mailgauge.engine import Connection, Lake, attached
from mailgauge.errors import UsageError
from mailgauge.queries import list_unknown_functions, take_explained
from mailgauge.refusals import BusyError, UnwritableError, WarehouseError, explain_refusal, say_missing, say_unlike
from mailgauge.scratch import copy_catalog, enter_writers_room, leave_writers_room, name_readers_room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl
    import pyarrow as pa
    from numpy.typing import NDArray

FORMAT = 1
"""The layout of the tables; a warehouse with a higher one was made by a newer mailgauge."""

LAYERS = ("raw", "staging", "marts", "metrics", "advisor")
"""The folders of sql/ in the order in which they read each other."""

EVENTS_TOGETHER = 40_960
"""Rows of raw.events in a row group: a third of DuckLake's own number takes less new memory while it is written."""

_READERS = "readers.lock"
_STOPPED = "KeyboardInterrupt: <EMPTY MESSAGE>"
PAUSES = (0.2, 0.5, 1, 2, 4, 8, None)
"""Seconds before each next attempt to commit where another program holds the catalog."""

_T = TypeVar("_T")


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
        self._lock_seconds = lock_seconds
        if (read_only or not create) and not (folder / "catalog.sqlite").is_file():
            raise say_missing(folder)
        self._exits = ExitStack()
        self._is_torn = False
        try:
            if read_only and (reading := _announce_reader(folder)):
                self._exits.enter_context(reading)
            was_torn = not read_only and self._enter(lock_seconds)
            room = name_readers_room(folder) if read_only else folder / "tmp" / "writer"
            self._connection = self._open(room, read_only=read_only, memory_limit=memory_limit)
            known = self._check_format(read_only=read_only)
            if not read_only and known != fingerprint(LAYERS):
                self._define()
            if was_torn:
                self.execute("call ducklake_delete_orphaned_files('lake', cleanup_all => true)")
        except BaseException:
            self.close()
            raise

    def _enter(self, lock_seconds: float) -> bool:
        """Wait for other writers; tells whether the last one left files that it did not commit."""
        self._exits.enter_context(_take_lock(self.folder, lock_seconds))
        self._exits.callback(self._leave)
        return enter_writers_room(self.folder)

    def _leave(self) -> None:
        if not self._is_torn:
            leave_writers_room(self.folder)

    def _open(self, room: Path, *, read_only: bool, memory_limit: str) -> Connection:
        """Connect; one who may not write beside the catalog, as SQLite wants to, reads a copy of it."""
        try:
            return self._attach(self.folder, room, read_only=read_only, memory_limit=memory_limit)
        except UnwritableError:
            if not read_only:
                raise
            copy = Path(self._exits.enter_context(tempfile.TemporaryDirectory(prefix="mailgauge-")))
            copy_catalog(self.folder, copy)
            return self._attach(copy, room, read_only=True, memory_limit=memory_limit)

    def _attach(self, catalogs: Path, room: Path, *, read_only: bool, memory_limit: str) -> Connection:
        """Attach the lake whose catalog is in the folder `catalogs`, until this warehouse is closed."""
        lake = Lake(catalogs.resolve() / "catalog.sqlite", self.folder.resolve() / "data", read_only=read_only)
        with _explained(self.folder):
            return self._exits.enter_context(attached(lake, room, memory_limit))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and let the next writer in."""
        self._exits.close()

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
        """Raise an error unless `sql` is one statement that only reads: COPY and some functions write even here."""
        with _explained(self.folder):
            statements = self._connection.extract_statements(sql)
        if len(statements) != 1:
            raise UsageError(f"{len(statements) or 'No'} statements were given: write one query.")
        kind = statements[0].type
        if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
            raise WarehouseError(f"{kind.name} is no query, and this is read-only: write a SELECT.")
        tree = json.loads(self.value("select json_serialize_sql(?)", [take_explained(sql)]))
        if tree["error"]:
            raise WarehouseError("Only a SELECT can be explained or run here, as this is read-only.")
        if unknown := list_unknown_functions(tree):
            raise WarehouseError(f"{unknown[0]}() may do more than read, and this is read-only: query without it.")

    def frame(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Run a query and return a Polars frame."""
        with _explained(self.folder):
            return self._run(sql, parameters).pl()

    def column(self, sql: str, parameters: Sequence[Any] | None = None) -> NDArray[Any]:
        """Run a query of one column without nulls and return it as an array."""
        with _explained(self.folder):
            (found,) = self._run(sql, parameters).fetchnumpy().values()
        return found

    def insert(self, relation: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Append `records`, which all have the same keys, to `relation`."""
        if not records:
            return
        import pyarrow as pa  # noqa: PLC0415 (a tenth of a second that reading does not need)

        with self.lending("inserted", pa.Table.from_pylist(list(records))):
            self.execute(f"insert into {relation} by name select * from inserted")

    @contextmanager
    def lending(self, name: str, table: pa.Table | Mapping[str, NDArray[Any]]) -> Iterator[None]:
        """Let statements read `table`, or its columns, by a name."""
        import pyarrow as pa  # noqa: PLC0415 (a tenth of a second that reading does not need)

        self._connection.register(name, pa.table(table))
        try:
            yield
        finally:
            self._connection.unregister(name)

    def together(self, work: Callable[[], _T]) -> _T:
        """Do `work` in one transaction; where another program held the catalog at its end, do it again."""
        for pause in PAUSES:
            try:
                with self.transaction():
                    done = work()
            except BusyError:
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                return done
        raise AssertionError  # pragma: no cover (the last pause is None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything done inside together, or nothing of it."""
        self.execute("begin")
        was_torn, self._is_torn = self._is_torn, True
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # there may be none any more
                self._connection.execute("rollback")
            raise
        self.execute("commit")
        self._is_torn = was_torn

    @contextmanager
    def without_readers(self, *, is_patient: bool = True) -> Iterator[None]:
        """Wait until nobody reads this warehouse, and let nobody in until it is done: for what readers cannot bear."""
        seconds = self._lock_seconds if is_patient else 0.0
        sentence = (
            f"Someone has been reading the warehouse in {self.folder} for {seconds:.0f} seconds: close notebooks and "
            "queries on it, then run this again."
        )
        lock = _lock_file(self.folder / _READERS, seconds, sentence)
        try:
            yield
        finally:
            lock.close()

    def _run(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None) -> duckdb.DuckDBPyConnection:
        with _explained(self.folder):
            return self._connection.execute(sql, parameters)

    def _fetch(self, result: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        with _explained(self.folder):
            return result.fetchall()

    def _check_format(self, *, read_only: bool) -> str | None:
        """Refuse what this version cannot work with; tells from what the definitions in it were made, if any."""
        if not self.has_table("raw", "warehouses"):
            if any((self.folder / "data" / "raw" / "events").rglob("*.parquet")):
                raise say_unlike(self.folder)
            if read_only:
                raise say_missing(self.folder)
            return None
        found = self.rows("select format, fingerprint from raw.warehouses")
        if found and found[0]["format"] > FORMAT:
            raise UsageError(
                f"The warehouse in {self.folder} was made by a newer mailgauge (its format is {found[0]['format']}, "
                f"this one knows up to {FORMAT}): upgrade mailgauge, or name another warehouse."
            )
        return found[0]["fingerprint"] if found else None

    def has_table(self, schema: str, table: str) -> bool:
        """Whether the catalog knows the table; DuckDB's own list loads all of them first."""
        query = """
            select count(*)
            from __ducklake_metadata_lake.ducklake_table as t
            inner join __ducklake_metadata_lake.ducklake_schema as s on t.schema_id = s.schema_id
            where s.schema_name = ? and t.table_name = ? and t.end_snapshot is null and s.end_snapshot is null
        """
        return bool(self.value(query, [schema, table]))

    def _define(self) -> None:
        """Make what is missing and bring the views up to date with the files of sql/."""
        with self.transaction():
            for layer in LAYERS:
                self.execute(f"create schema if not exists {layer}")
                for file in layer_files(layer):
                    self._define_relation(layer, file)
            write_comments(self)
            self.execute("delete from raw.warehouses")
            self.insert("raw.warehouses", [{"format": FORMAT, "fingerprint": fingerprint(LAYERS)}])
        option = f"'parquet_row_group_size', {EVENTS_TOGETHER}, schema => 'raw', table_name => 'events'"
        with self.transaction():  # one of its own: DuckLake refuses this for a table that is not committed
            self.execute(f"call lake.set_option({option})")

    def _define_relation(self, layer: str, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        if "create table" in text or "create or replace view" in text:
            self.execute(text)
            self._add_columns(f"{layer}.{file.stem}", text)
        elif layer in ("staging", "metrics"):
            self.execute(f"create or replace view {layer}.{file.stem} as {text}")
        elif layer == "marts":
            self._define_mart(file.stem, text)

    def _add_columns(self, table: str, text: str) -> None:
        """Give a table of an earlier version the columns that its file has since got; old rows have nulls there."""
        if f"create table if not exists {table} (" not in text:
            return
        self.execute(text.replace(f"create table if not exists {table} (", "create or replace temp table defined ("))
        known = {column["column_name"] for column in self.rows(f"describe {table}")}
        for column in self.rows("describe temp.defined"):
            if column["column_name"] not in known:
                self.execute(f'alter table {table} add column "{column["column_name"]}" {column["column_type"]}')
        self.execute("drop table temp.defined")

    def _define_mart(self, name: str, text: str) -> None:
        """Make a mart that is missing or has other columns than its file says; the next build fills it."""
        self.execute("create or replace temp view touched_events as select * from staging.events")
        self.execute("create or replace temp view touched_reads as select * from raw.events")
        self.execute("create or replace temp table touched_domains as select * from staging.domain_isps limit 0")
        if name == "counted_outcomes":  # what the counting marts read of whatever changed: never kept
            self.execute("create or replace temp view changed_outcomes as select *, 1 as weight from marts.outcomes")
            self.execute(f"create or replace temp view counted_outcomes as {text}")
            return
        if name == "outcomes":
            self.execute("create or replace temp view touched_engagements as select * from marts.engagements")
        defined = self.rows(f"describe {text}")
        if self.has_table("marts", name):
            if _list_columns(self.rows(f"describe marts.{name}")) == _list_columns(defined):
                return
            self.execute(f"drop table marts.{name}")
            self.execute("delete from raw.builds")
        columns = ", ".join(f'"{column["column_name"]}" {column["column_type"]}' for column in defined)
        self.execute(f"create table marts.{name} ({columns})")


def _list_columns(described: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["column_name"], row["column_type"]) for row in described]


def _make_unique(names: list[str]) -> list[str]:
    """Columns that share a name get a number, so that none is lost: a, a_2."""
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return [f"{name}_{count + 1}" if count else name for name, count in zip(names, before, strict=True)]


def layer_files(layer: str) -> list[Path]:
    """The SQL files of a layer, each after those of the same layer that it reads."""
    files = {file.stem: file for file in sorted((paths.SQL / layer).glob("*.sql"))}
    read = {name: sorted(_names_read(file, layer) & files.keys() - {name}) for name, file in files.items()}
    order = TopologicalSorter(read)  # sorted, as the order of a set is another in every process
    return [files[name] for name in order.static_order()]


def _names_read(file: Path, layer: str) -> set[str]:
    text = file.read_text(encoding="utf-8")
    names = set(re.findall(rf"\b{layer}\.(\w+)", text))
    return (
        names
        | ({"outcomes"} if "from changed_outcomes" in text else set())
        | ({"counted_outcomes"} if "from counted_outcomes" in text else set())
        | ({"engagements"} if "join touched_engagements" in text else set())
    )


def fingerprint(layers: Sequence[str]) -> str:
    """A digest of the SQL files of `layers`: it changes when a definition does."""
    digest = hashlib.sha256()
    for layer in layers:
        for file in layer_files(layer):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    if tuple(layers) == LAYERS:
        digest.update(COLUMNS_FILE.read_bytes())
    return digest.hexdigest()


def _take_lock(folder: Path, seconds: float) -> IO[str]:
    sentence = (
        f"Another run has been writing to the warehouse in {folder} for {seconds:.0f} seconds: "
        "wait until it is done, or raise lock_seconds."
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _READERS).touch()
        return _lock_file(folder / "writer.lock", seconds, sentence)
    except OSError as error:
        raise UsageError(f"The warehouse folder {folder} cannot be written: {error.strerror}.") from None


def _lock_file(file: Path, seconds: float, sentence: str) -> IO[str]:
    """Lock `file` for this process alone; raises BusyError with `sentence` after so many seconds."""
    handle = file.open("w", encoding="utf-8")
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                handle.close()
                raise BusyError(sentence) from None
            time.sleep(0.1)
        else:
            return handle


def _announce_reader(folder: Path) -> IO[str] | None:
    """A lock that readers share: it waits only for the moment in which a catalog is put in order."""
    try:
        handle = (folder / _READERS).open(encoding="utf-8")
    except OSError:  # made by an older version, and no writer since
        return None
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if _STOPPED in str(error):  # Ctrl-C while DuckDB was reading through Python
            raise KeyboardInterrupt from None
        raise explain_refusal(str(error), folder) from error
    except RuntimeError as error:  # how DuckDB tells that someone pressed Ctrl-C
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise
