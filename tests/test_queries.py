"""What `mailgauge sql` lets through reads, and what it refuses might not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailgauge.refusals import WarehouseError
from mailgauge.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """An empty warehouse, open to readers."""
    folder = tmp_path_factory.mktemp("queries") / "warehouse"
    Warehouse(folder).close()
    with Warehouse(folder, read_only=True) as opened:
        yield opened


@pytest.mark.parametrize(
    "query",
    [
        "from marts.daily",
        "describe marts.daily",
        "summarize marts.daily",
        "show all tables",
        "with a as (select 1 as b) select * from a, range(3), unnest([1, 2])",
        "select * from (unpivot (select 1 as a) on a)",
        "explain from raw.events",
        "explain analyze select count(*) from raw.events",
        "explain (format json) from raw.events",
        "from ducklake_snapshots('lake')",
        "select function_name from duckdb_functions() limit 1",
        "select 'copy enable_logging()' as words",
    ],
)
def test_a_query_is_let_through_and_runs(query: str, lake: Warehouse) -> None:
    lake.require_query(query)
    assert lake.rows(query) is not None


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("copy (select 1) to '{file}'", "COPY is no query"),
        ("explain copy (select 1) to '{file}'", "Only a SELECT can be explained"),
        ("explain analyze copy (select 1) to '{file}'", "Only a SELECT can be explained"),
        ("/* a */ EXPLAIN -- b\n /* c */ ANALYZE copy (select 1) to '{file}'", "Only a SELECT can be explained"),
        ("from enable_logging('QueryLog', storage = 'file', storage_path = '{file}')", "enable_logging() may do more"),
        ("select (select count(*) from Enable_Logging(storage_path = '{file}')) as n", "enable_logging() may do more"),
        ("with a as (from \"enable_logging\"(storage_path = '{file}')) from a", "enable_logging() may do more"),
        ("explain analyze from enable_logging(storage_path = '{file}')", "enable_logging() may do more"),
        ("from ducklake_flush_inlined_data('lake')", "ducklake_flush_inlined_data() may do more"),
        ("from ducklake_expire_snapshots('lake', older_than => now())", "ducklake_expire_snapshots() may do more"),
        ("from query('from enable_logging()')", "query() may do more"),
        ("from json_execute_serialized_sql('{{}}')", "json_execute_serialized_sql() may do more"),
        ("from sqlite_attach('{file}')", "sqlite_attach() may do more"),
    ],
)
def test_what_might_write_is_refused_before_it_runs(query: str, words: str, lake: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError) as refused:
        lake.require_query(query.format(file=tmp_path / "stolen"))
    assert words in str(refused.value)
    assert list(tmp_path.iterdir()) == []
