"""Takes a person out of a warehouse: their rows, their address in any text, older snapshots, old files; and proves it.

Rows are deleted and texts changed in one transaction, and the marts are built again from what is left. Then every file
that held the address is written again, all older snapshots end, and what they needed is removed. Killed at any moment,
it is done by running it again.
"""

from __future__ import annotations

import mmap
import re
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mailgauge.addresses import compile_apart, compile_whole, spellings_of
from mailgauge.catalog import find_in_catalog, scrub_catalog
from mailgauge.errors import MailgaugeError
from mailgauge.housekeeping import expire_snapshots, flush_inlined
from mailgauge.marts import build_marts

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mailgauge.warehouse import Warehouse

FORGOTTEN = "[forgotten]"
"""What stands in a text where the address stood."""

PERSONS = {
    "raw.events": ("recipient",),
    "raw.inbound_receipts": ("recipient", "source"),
    "raw.mail_manager_logs": ("recipient", "smtp_mail_from"),
}
"""The tables whose rows are of a person, and the columns that say of whom."""

BUILT = frozenset({"outcomes", "engagements", "hourly", "daily", "daily_by_event_day", "feedback_isps", "domain_isps"})
"""The marts that a build makes from raw again."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out."""

    event_rows: int = 0
    messages: int = 0
    stream_rows: int = 0
    quarantined: int = 0
    """Quarantined records in which the address was replaced."""
    texts: int = 0
    """Other texts in which it was."""
    objects: tuple[str, ...] = ()
    """The dumps in which it still stands."""
    files: int = 0
    """Files that were searched for a trace of it afterwards; there was none."""


def forget(lake: Warehouse, *names: str, now: datetime) -> Forgotten:
    """Take out the person of these addresses and close `lake`.

    Raises MailgaugeError where a trace is left, or while others read.
    """
    spellings = [spelling for name in names for spelling in spellings_of(name)]
    apart = compile_apart(spellings)
    with lake.transaction():
        done = _delete_rows(lake, compile_whole(spellings))
        done = _replace_texts(lake, apart, done)
    build_marts(lake, now=now, full=True)
    with lake.without_readers():
        _remove_history(lake, now)
        files = sorted(file for file in (lake.folder / "data").rglob("*") if file.is_file())
        found = [str(file) for file in files if _is_in_parquet(lake, file, apart)]
        others = any(_is_in_parquet(lake, file, compile_whole(spellings)) for file in files)
        lake.connection.close()
        shutil.rmtree(lake.folder / "tmp", ignore_errors=True)
        scrub_catalog(lake.folder / "catalog.sqlite")
        found += _find_traces(lake.folder, apart if others else compile_whole(spellings), apart)
    if found:
        raise MailgaugeError(f"The address was taken out, and a trace is left in {', '.join(found)}: run it again.")
    return replace(done, files=sum(file.is_file() for file in lake.folder.rglob("*")))


def _delete_rows(lake: Warehouse, whole: str) -> Forgotten:
    exact = f"^(?i:{whole})$"
    counts: dict[str, int] = {}
    objects: set[int] = set()
    messages = 0
    for relation, columns in PERSONS.items():
        condition = " or ".join(f"coalesce(regexp_matches({column}, $exact), false)" for column in columns)
        rows = lake.rows(f"select object_id, message_id from {relation} where {condition}", {"exact": exact})
        counts[relation] = len(rows)
        objects |= {row["object_id"] for row in rows}
        if rows:
            lake.execute(f"delete from {relation} where {condition}", {"exact": exact})
        if relation == "raw.events":
            messages = len({row["message_id"] for row in rows})
    events = counts.pop("raw.events")
    uris = lake.rows(
        "select object_uri from raw.objects where object_id in (select unnest($1::bigint[])) order by object_uri",
        [list(objects)],
    )
    return Forgotten(events, messages, sum(counts.values()), objects=tuple(row["object_uri"] for row in uris))


def _replace_texts(lake: Warehouse, apart: str, done: Forgotten) -> Forgotten:
    quarantined = texts = 0
    held = "select distinct object_uri from raw.quarantine where regexp_matches(record, $apart, 'i')"
    objects = {row["object_uri"] for row in lake.rows(held, {"apart": apart})} | set(done.objects)
    for relation, columns in _list_texts(lake).items():
        counts = (f"count(*) filter ({_holds(column)}) as {column.name}" for column in columns)
        found = lake.rows(f"select {', '.join(counts)} from {relation}", {"apart": apart})[0]
        for column, rows in zip(columns, found.values(), strict=True):
            if rows:
                _replace_text(lake, relation, column, apart)
            if relation == "raw.quarantine":
                quarantined += rows
            else:
                texts += rows
    return replace(done, quarantined=quarantined, texts=texts, objects=tuple(sorted(objects)))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    """In quotes."""
    is_list: bool


def _list_texts(lake: Warehouse) -> dict[str, list[_Column]]:
    """Every column that can hold text, by table, of every table that a build does not make again."""
    query = """
        select c.table_schema, c.table_name, c.column_name, c.data_type
        from information_schema.columns as c
        inner join information_schema.tables as t
            on c.table_catalog = t.table_catalog and c.table_schema = t.table_schema and c.table_name = t.table_name
        where t.table_type = 'BASE TABLE' and t.table_catalog = 'lake'
            and c.data_type in ('VARCHAR', 'JSON', 'VARCHAR[]')
    """
    texts: dict[str, list[_Column]] = {}
    for row in lake.rows(query):
        if (row["table_schema"], row["table_name"]) not in {("marts", name) for name in BUILT}:
            column = _Column(f'"{row["column_name"]}"', is_list=row["data_type"] == "VARCHAR[]")
            texts.setdefault(f"{row['table_schema']}.{row['table_name']}", []).append(column)
    return texts


def _holds(column: _Column) -> str:
    text = f"array_to_string({column.name}, ' ')" if column.is_list else f"{column.name}::varchar"
    return f"regexp_matches({text}, $apart, 'i')"


def _replace_text(lake: Warehouse, relation: str, column: _Column, apart: str) -> None:
    name = column.name
    changed = f"regexp_replace({'part' if column.is_list else f'{name}::varchar'}, $apart, '\\1{FORGOTTEN}\\2', 'gi')"
    value = f"list_transform({name}, lambda part: {changed})" if column.is_list else changed
    # What separates two addresses belongs to the first match, so that a second look finds the next one.
    while lake.value(f"select count(*) from {relation} where {_holds(column)}", {"apart": apart}):
        lake.execute(f"update {relation} set {name} = {value} where {_holds(column)}", {"apart": apart})


def _remove_history(lake: Warehouse, now: datetime) -> None:
    """Write every file again that holds deleted rows, end all snapshots but the newest, remove what they needed."""
    flush_inlined(lake)
    lake.execute("call ducklake_rewrite_data_files('lake', delete_threshold => 0.0)")
    expire_snapshots(lake, now + timedelta(days=1))
    lake.execute("call ducklake_cleanup_old_files('lake', cleanup_all => true)")
    lake.execute("call ducklake_delete_orphaned_files('lake', cleanup_all => true)")


def _is_in_parquet(lake: Warehouse, file: Path, pattern: str) -> bool:
    if file.suffix != ".parquet":
        return False
    columns = [row["column_name"] for row in lake.rows("describe select * from read_parquet($1)", [str(file)])]
    texts = " or ".join(f"regexp_matches(\"{column}\"::varchar, $pattern, 'i')" for column in columns)
    query = f"select count(*) from read_parquet($file) where {texts}"
    return bool(lake.value(query, {"file": str(file), "pattern": pattern}))


def _find_traces(folder: Path, pattern: str, apart: str) -> list[str]:
    """The files in whose bytes the address stands, and the tables of the catalog in whose texts it does."""
    found = [str(file) for file in sorted(folder.rglob("*")) if file.is_file() and _is_in_bytes(file, pattern)]
    tables = find_in_catalog(folder / "catalog.sqlite", re.compile(apart, re.IGNORECASE))
    return [*found, *(f"table {name} of the catalog" for name in tables)]


def _is_in_bytes(file: Path, pattern: str) -> bool:
    if not file.stat().st_size:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return bool(re.search(pattern.encode(), content, re.IGNORECASE))
