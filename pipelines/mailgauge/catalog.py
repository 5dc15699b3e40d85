"""The SQLite file of a DuckLake: what has to be done to it where DuckLake itself does not, with nobody else in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from pathlib import Path


def scrub_catalog(file: Path) -> None:
    """Make the catalog forget what was deleted: values in statistics, free pages, the log of its last writes.

    DuckLake never narrows the least and greatest value of a table's column: they are those of its files from here on,
    which must be all there is of the table.
    """
    with closing(sqlite3.connect(file)) as catalog:
        catalog.execute("pragma secure_delete = on")
        with catalog:
            catalog.execute(_NARROW)
        catalog.execute("vacuum")
        catalog.execute("pragma wal_checkpoint(truncate)")


_NARROW = """
    update ducklake_table_column_stats as t
    set (min_value, max_value) = (
        select min(f.min_value), max(f.max_value)
        from ducklake_file_column_stats as f
        inner join ducklake_data_file as d on f.data_file_id = d.data_file_id and d.end_snapshot is null
        where f.table_id = t.table_id and f.column_id = t.column_id
    )
    where exists (
        select 1 from ducklake_column as c
        where c.table_id = t.table_id and c.column_id = t.column_id and c.column_type in ('varchar', 'json')
    )
"""


def find_in_catalog(file: Path, pattern: re.Pattern[str]) -> list[str]:
    """The tables of the catalog in which a text matches."""
    with closing(sqlite3.connect(file)) as catalog:
        catalog.text_factory = lambda text: text.decode(errors="replace")
        names = [name for (name,) in catalog.execute("select name from sqlite_master where type = 'table'")]
        return [name for name in names if _has_match(catalog, name, pattern)]


def _has_match(catalog: sqlite3.Connection, name: str, pattern: re.Pattern[str]) -> bool:
    rows = catalog.execute(f'select * from "{name}"')
    return any(isinstance(value, str) and pattern.search(value) for row in rows for value in row)
