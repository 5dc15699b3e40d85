"""Keeps a warehouse small: merges small files, rewrites what was mostly deleted, removes what no snapshot needs.

A file that the newest snapshots do not need any more is only marked; a later run removes it, when nobody can still be
reading it. The writer's lock is held, so that no run is in the middle of writing a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from mailgauge.refusals import BusyError

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.settings import HousekeepingSettings
    from mailgauge.warehouse import Warehouse

MERGE_BYTES = 64 * 1024 * 1024
"""Files of this size or more are left as they are: to merge them again and again would cost more than it saves."""
INLINED_ROWS = 100
"""So many rows of a table may stand in the catalog itself, where DuckLake puts very small inserts."""
DELETED_SHARE = 0.1
"""A file of which so much is deleted is written again without it."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What one compaction did."""

    files_before: int
    """Parquet files that the newest snapshot is made of."""
    files_after: int
    bytes_before: int
    """Of everything in the folder of the warehouse."""
    bytes_after: int
    snapshots: int
    """Snapshots that ended."""
    removed: int
    """Files removed from the disk."""
    waiting: int
    """Files that a later run removes, when nobody can be reading them."""


def compact(lake: Warehouse, settings: HousekeepingSettings, *, now: datetime, is_patient: bool = True) -> Compacted:
    """Bring the files of `lake` in order; raises BusyError where others read it and do not stop.

    `now` is the true time, which DuckLake's own times are compared with.
    """
    files, size = count_files(lake), _measure(lake)
    grace = timedelta(hours=settings.grace_hours)
    lake.execute(f"call ducklake_rewrite_data_files('lake', delete_threshold => {DELETED_SHARE})")
    # Rows of the catalog go and others come: someone in the middle of reading would see neither, without an error.
    with lake.without_readers(is_patient=is_patient):
        _flush_many(lake)
        lake.execute(f"call ducklake_merge_adjacent_files('lake', max_file_size => {MERGE_BYTES})")
        snapshots = expire_snapshots(lake, now - max(timedelta(days=settings.snapshot_days), grace))
    removed = _remove(lake, now - grace)
    waiting = lake.value(f"select count(*) from {_CATALOG}.ducklake_files_scheduled_for_deletion")
    return Compacted(files, count_files(lake), size, _measure(lake), snapshots, removed, waiting)


def compact_when_due(lake: Warehouse, settings: HousekeepingSettings, *, now: datetime) -> Compacted | None:
    """Compact where enough files came together and nobody reads; so the work of a night does not grow."""
    limit = settings.compact_above_files
    if not limit or max(_list_file_counts(lake), default=0) <= limit:
        return None
    try:
        return compact(lake, settings, now=now, is_patient=False)
    except BusyError:
        return None


def count_files(lake: Warehouse) -> int:
    """The Parquet files that the newest snapshot is made of."""
    return sum(_list_file_counts(lake))


def expire_snapshots(lake: Warehouse, moment: datetime) -> int:
    """End the snapshots made before `moment`, never the newest; returns how many."""
    query = f"select snapshot_id from ducklake_expire_snapshots('lake', older_than => {_timestamp(moment)})"
    return len(lake.rows(query))


def flush_inlined(lake: Warehouse, **table: str) -> None:
    """Move the rows of all tables, or of the one of this `schema_name` and `table_name`, from the catalog into files.

    In one thread: DuckLake 1.5 notes what it flushed in a list that two threads at once tear, which ends the process.
    """
    names = "".join(f", {name} => ${name}" for name in table)
    threads = lake.value("select current_setting('threads')")
    lake.execute("set threads = 1")
    try:
        lake.execute(f"call ducklake_flush_inlined_data('lake'{names})", table or None)
    finally:
        lake.execute(f"set threads = {threads}")


_CATALOG = "__ducklake_metadata_lake"


def _list_file_counts(lake: Warehouse) -> list[int]:
    """Of each table, data and delete files."""
    rows = lake.rows("select file_count + delete_file_count as files from ducklake_table_info('lake')")
    return [row["files"] for row in rows]


def _measure(lake: Warehouse) -> int:
    return sum(file.stat().st_size for file in lake.folder.rglob("*") if file.is_file())


def _flush_many(lake: Warehouse) -> None:
    """Move the rows of tables that have many in the catalog into files, and drop what was deleted of them."""
    query = f"""
        select i.table_name as inlined, t.table_name, s.schema_name
        from {_CATALOG}.ducklake_inlined_data_tables as i
        inner join {_CATALOG}.ducklake_table as t on i.table_id = t.table_id and t.end_snapshot is null
        inner join {_CATALOG}.ducklake_schema as s on t.schema_id = s.schema_id and s.end_snapshot is null
    """
    for table in lake.rows(query):
        if lake.value(f"select count(*) from {_CATALOG}.{table['inlined']}") > INLINED_ROWS:
            flush_inlined(lake, schema_name=table["schema_name"], table_name=table["table_name"])


def _remove(lake: Warehouse, moment: datetime) -> int:
    """Remove files that no snapshot has needed since `moment`, and those older that a killed run left behind."""
    removed = 0
    for function in ("ducklake_cleanup_old_files", "ducklake_delete_orphaned_files"):
        removed += len(lake.rows(f"select path from {function}('lake', older_than => {_timestamp(moment)})"))
    return removed


def _timestamp(moment: datetime) -> str:
    return f"timestamptz '{moment:%Y-%m-%d %H:%M:%S.%f}+00'"
