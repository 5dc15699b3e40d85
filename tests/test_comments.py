"""Every relation and every column says what it is, to DuckDB and to `mailgauge describe`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mailgauge import steps
from mailgauge.comments import COLUMNS_FILE, describe, explain_column, list_columns
from mailgauge.errors import UsageError
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse


def test_every_relation_and_column_is_explained(folder: Path) -> None:
    with Warehouse(folder, read_only=True) as lake:
        relations, columns = describe(lake), list_columns(lake)
    assert len(relations) > 80
    assert [row["relation"] for row in relations if not row["what"]] == []
    names = [(row["relation"], row["column"]) for row in columns]
    assert [name for name in names if not explain_column(*name)] == []


def test_no_explanation_is_left_without_a_column(folder: Path) -> None:
    told = tomllib.loads(COLUMNS_FILE.read_text(encoding="utf-8"))
    columns: dict[str, set[str]] = {}
    with Warehouse(folder, read_only=True) as lake:
        for row in list_columns(lake):
            columns.setdefault(row["relation"], set()).add(row["column"])
    every = told.pop("every")
    assert every.keys() - set().union(*columns.values()) == set()
    for relation, own in told.items():
        assert own.keys() - columns[relation] == set(), relation
        assert all(every.get(name) != text for name, text in own.items()), relation


def test_duckdb_shows_the_comments(folder: Path) -> None:
    with Warehouse(folder, read_only=True) as lake:
        table = lake.value("select comment from duckdb_tables() where schema_name = 'marts' and table_name = 'daily'")
        view = lake.value("select comment from duckdb_views() where view_name = 'complaint_rate'")
        columns = list_columns(lake)
    assert table.startswith("One row per day of sending")
    assert view
    tables = [row for row in columns if row["is_table"]]
    assert [row["comment"] for row in tables] == [explain_column(row["relation"], row["column"]) for row in tables]


def test_a_relation_that_is_none_is_told(folder: Path) -> None:
    settings = Settings(warehouse=folder)
    with pytest.raises(UsageError, match=r"There is no relation marts\.outcome: `mailgauge describe` lists all"):
        steps.describe(settings, "marts.outcome")
    isp = next(row for row in steps.describe(settings, "marts.outcomes") if row["column"] == "isp")
    assert isp == {"column": "isp", "type": "VARCHAR", "what": "Mailbox provider; Other where nothing tells"}
