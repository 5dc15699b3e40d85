"""Keeps a warehouse small: merges small files, rewrites what was mostly deleted, removes what no snapshot needs.

A file that the newest snapshots do not need any more is only marked; a later run removes it, when nobody can still be
reading it. The writer's lock is held, so that no run is in the middle of writing a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from mailgauge.refusals import BusyError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mailgauge.settings import HousekeepingSettings
    from mailgauge.warehouse import Warehouse

MERGE_BYTES = 64 * 1024 * 1024
"""Files of this size or more are left as they are: to merge them again and again would cost more than it saves."""
SIZES = (0, MERGE_BYTES // 256, MERGE_BYTES // 16, MERGE_BYTES)
"""Where a size of files begins and the next one ends. A night merges the files of a size alone, where many came
together, into one of the next size or near it: so a row is written again a few times, however long it all grows."""
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


def compact(
    lake: Warehouse,
    settings: HousekeepingSettings,
    *,
    now: datetime,
    is_patient: bool = True,
    sizes: Sequence[tuple[int, int]] = ((0, MERGE_BYTES),),
) -> Compacted:
    """Bring the files of `lake` in order; raises BusyError where others read it and do not stop.

    `now` is the true time, which DuckLake's own times are compared with. Files are merged with those
    of their size, where that is one of `sizes` (from so many bytes on, and below so many).
    """
    files, size = count_files(lake), _measure(lake)
    grace = timedelta(hours=settings.grace_hours)
    lake.execute(f"call ducklake_rewrite_data_files('lake', delete_threshold => {DELETED_SHARE})")
    # Rows of the catalog go and others come: someone in the middle of reading would see neither, without an error.
    with lake.without_readers(is_patient=is_patient):
        _flush_many(lake)
        for least, below in sizes:
            limits = f"min_file_size => {least}, max_file_size => {below}"
            lake.execute(f"call ducklake_merge_adjacent_files('lake', {limits})")
        snapshots = expire_snapshots(lake, now - max(timedelta(days=settings.snapshot_days), grace))
    removed = _remove(lake, now - grace)
    waiting = lake.value(f"select count(*) from {_CATALOG}.ducklake_files_scheduled_for_deletion")
    return Compacted(files, count_files(lake), size, _measure(lake), snapshots, removed, waiting)


def compact_when_due(lake: Warehouse, settings: HousekeepingSettings, *, now: datetime) -> Compacted | None:
    """Compact what came together in many files, where nobody reads; so the work of a night does not grow."""
    limit = settings.compact_above_files
    if not limit:
        return None
    sizes = _list_sizes(lake, limit)
    if not sizes and _count_worn(lake) <= limit:
        return None
    try:
        return compact(lake, settings, now=now, is_patient=False, sizes=sizes)
    except BusyError:
        return None


def count_files(lake: Warehouse) -> int:
    """The Parquet files that the newest snapshot is made of."""
    return int(lake.value("select sum(file_count + delete_file_count) from ducklake_table_info('lake')") or 0)


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


_FILES = f"""
    select f.table_id, f.file_size_bytes, d.delete_count / f.record_count as deleted_share
    from {_CATALOG}.ducklake_data_file as f
    inner join {_CATALOG}.ducklake_table as t on f.table_id = t.table_id and t.end_snapshot is null
    left join {_CATALOG}.ducklake_delete_file as d on f.data_file_id = d.data_file_id and d.end_snapshot is null
    where f.end_snapshot is null
"""
"""The data files of the newest snapshot; DuckLake does not merge one of which something is deleted."""


def _list_sizes(lake: Warehouse, limit: int) -> list[tuple[int, int]]:
    """The SIZES of which a table has more than `limit` files to merge."""
    query = f"select list(file_size_bytes) as bytes from ({_FILES}) where deleted_share is null group by table_id"
    tables = [row["bytes"] for row in lake.rows(query)]
    return [
        (least, below)
        for least, below in pairwise(SIZES)
        if any(sum(least <= size < below for size in table) > limit for table in tables)
    ]


def _count_worn(lake: Warehouse) -> int:
    """Files of which so much is deleted that they are to be written again."""
    return int(lake.value(f"select count(*) from ({_FILES}) where deleted_share >= {DELETED_SHARE}"))


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
