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
_Size = tuple[int, int]
INLINED_ROWS = 100
"""So many rows of a table may stand in the catalog itself, where DuckLake puts very small inserts."""
DELETED_SHARE = 0.1
"""A file of which so much is deleted is written again without it; one that is to be merged, at any share."""
STRAY_SHARE = 0.001
"""At less than this share files stay as they are in a table that has files above MERGE_BYTES, as those would be written
again for one row; such rows come late, and few files of a table wait for more of them."""


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
    sizes: Sequence[_Size] = ((0, MERGE_BYTES),),
) -> Compacted:
    """Bring the files of `lake` in order; raises BusyError where others read it and do not stop.

    `now` is the true time, which DuckLake's own times are compared with. Files are merged with those
    of their size, where that is one of `sizes` (from so many bytes on, and below so many).
    """
    files, size = count_files(lake), _measure(lake)
    grace = timedelta(hours=settings.grace_hours)
    for table in _list_tables(lake):
        table.rewrite(lake, sizes)
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
    tables = _list_tables(lake)
    sizes = [size for size in pairwise(SIZES) if any(table.count(size) > limit for table in tables)]
    if not sizes and not any(table.count_worn() > limit for table in tables):
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


@dataclass(frozen=True, slots=True)
class _Table:
    """A table's data files in the newest snapshot: their bytes, and the share of their rows that is deleted."""

    schema: str
    name: str
    files: list[tuple[int, float]]

    def count(self, size: _Size) -> int:
        """How many files of a size a compaction would make one of."""
        share = self._find_share([size])
        return sum(size[0] <= n < size[1] and (not deleted or deleted >= share) for n, deleted in self.files)

    def count_worn(self) -> int:
        """How many files are to be written again whatever their size."""
        return sum(deleted >= DELETED_SHARE for _, deleted in self.files)

    def rewrite(self, lake: Warehouse, sizes: Sequence[_Size]) -> None:
        """Write again what is worn, and what is to be merged: DuckLake merges no file of which a row is deleted."""
        share = self._find_share(sizes)
        if any(deleted >= share for _, deleted in self.files):
            table = f"'{self.name}', schema => '{self.schema}'"
            lake.execute(f"call ducklake_rewrite_data_files('lake', {table}, delete_threshold => {share!r}::double)")

    def _find_share(self, sizes: Sequence[_Size]) -> float:
        """The share from which on a compaction of these sizes writes files again."""
        shares = [deleted for n, deleted in self.files if deleted and any(least <= n < below for least, below in sizes)]
        is_large = any(n >= MERGE_BYTES for n, _ in self.files)
        return min(DELETED_SHARE, max(min(shares, default=1.0), STRAY_SHARE if is_large else 0.0))


def _list_tables(lake: Warehouse) -> list[_Table]:
    """The tables that have files. What is deleted stands in files too, or in the catalog where it was little."""
    query = "select name from sqlite_scan($file, 'sqlite_master') where name like 'ducklake_inlined_delete_%'"
    inlined = lake.rows(query, {"file": str(lake.folder / "catalog.sqlite")})
    deletions = f"select data_file_id, delete_count from {_CATALOG}.ducklake_delete_file where end_snapshot is null"
    for row in inlined:
        deletions += f"""
            union all
            select file_id, count(distinct row_id) from {_CATALOG}.{row["name"]} group by file_id
        """
    rows = lake.rows(f"""
        with deletions as ({deletions}),
        files as (
            select f.table_id, f.file_size_bytes, coalesce(sum(d.delete_count), 0) / f.record_count as deleted_share
            from {_CATALOG}.ducklake_data_file as f
            left join deletions as d on f.data_file_id = d.data_file_id
            where f.end_snapshot is null
            group by f.data_file_id, f.table_id, f.file_size_bytes, f.record_count
        )
        select s.schema_name, t.table_name, list(f.file_size_bytes) as sizes, list(f.deleted_share) as shares
        from files as f
        inner join {_CATALOG}.ducklake_table as t on f.table_id = t.table_id and t.end_snapshot is null
        inner join {_CATALOG}.ducklake_schema as s on t.schema_id = s.schema_id and s.end_snapshot is null
        group by s.schema_name, t.table_name
    """)
    return [
        _Table(row["schema_name"], row["table_name"], list(zip(row["sizes"], row["shares"], strict=True)))
        for row in rows
    ]


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
