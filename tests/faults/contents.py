"""All that a warehouse holds, to compare two: every row but for the numbers and times of the runs that loaded it."""

from __future__ import annotations

from pathlib import Path

from mailgauge.marts import build_marts
from mailgauge.status import read_status
from mailgauge.warehouse import Warehouse
from moments import NOW

_OF_A_RUN = {"object_id", "slot", "loaded_at", "built_at", "listed_at", "fingerprint"}


def contents(folder: Path) -> dict[str, list[str]]:
    """The rows of every table, after a build."""
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW)
        assert read_status(lake).disagreements == []
        query = "select table_schema || '.' || table_name as name from information_schema.tables where {} order by all"
        tables = lake.rows(
            query.format("table_type = 'BASE TABLE' and table_schema in ('raw', 'marts') and table_name <> 'builds'")
        )
        return {table["name"]: _rows(lake, table["name"]) for table in tables}


def _rows(lake: Warehouse, table: str) -> list[str]:
    columns = [column["column_name"] for column in lake.rows(f"describe {table}")]
    kept = ", ".join(f'"{column}"' for column in columns if column not in _OF_A_RUN)
    return sorted(map(str, lake.rows(f"select {kept} from {table}")))


def garbage(folder: Path) -> list[str]:
    """What stands in the folder of a warehouse and is known to nobody."""
    with Warehouse(folder, read_only=True) as lake:
        tables = ("ducklake_data_file", "ducklake_delete_file", "ducklake_files_scheduled_for_deletion")
        known = {
            Path(row["path"]).name
            for table in tables
            for row in lake.rows(f"select path from __ducklake_metadata_lake.{table}")
        }
    files = [file for file in folder.rglob("*") if file.is_file() and file.name not in known]
    expected = {"catalog.sqlite", "catalog.sqlite-shm", "catalog.sqlite-wal", "writer.lock", "readers.lock"}
    return [str(file.relative_to(folder)) for file in files if str(file.relative_to(folder)) not in expected]
