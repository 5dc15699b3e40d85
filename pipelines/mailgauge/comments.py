"""What each relation and column is: sentences of the files of sql/, written into the warehouse and shown."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

from mailgauge import paths

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse

COLUMNS_FILE = paths.SQL / "columns.toml"
_OURS = "database_name = 'lake' and schema_name in ('raw', 'staging', 'marts', 'metrics', 'advisor')"


@cache
def _read_columns() -> dict[str, dict[str, str]]:
    return tomllib.loads(COLUMNS_FILE.read_text(encoding="utf-8"))


def explain_column(relation: str, column: str) -> str | None:
    """What a column is; None where nothing says so."""
    told = _read_columns()
    return told.get(relation, {}).get(column) or told["every"].get(column)


def explain_relation(relation: str) -> str | None:
    """The first sentence of the file that defines a relation."""
    schema, name = relation.split(".")
    file = paths.SQL / schema / f"{name}.sql"
    if not file.is_file():
        return None
    opening = re.match(r"(?:--.*\n)+", file.read_text(encoding="utf-8"))
    text = " ".join(line.removeprefix("--").strip() for line in opening[0].splitlines()) if opening else ""
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0].rstrip(".") or None


def write_comments(lake: Warehouse) -> None:
    """Write what has another comment in the warehouse, or none; DuckLake keeps none of a view's columns."""
    for kind in ("table", "view"):
        for row in lake.rows(f"select schema_name, {kind}_name as name, comment from duckdb_{kind}s() where {_OURS}"):
            relation = f"{row['schema_name']}.{row['name']}"
            if text := _differs(explain_relation(relation), row["comment"]):
                lake.execute(f"comment on {kind} {relation} is {text}")
    for row in list_columns(lake):
        if not row["is_table"]:
            continue
        if text := _differs(explain_column(row["relation"], row["column"]), row["comment"]):
            lake.execute(f'comment on column {row["relation"]}."{row["column"]}" is {text}')


def _differs(told: str | None, there: str | None) -> str | None:
    """The comment as SQL text, where it is another than what is there."""
    return "'" + told.replace("'", "''") + "'" if told and told != there else None


def describe(lake: Warehouse, relation: str | None = None) -> list[dict[str, Any]]:
    """The relations and what their rows are; or the columns of one, and what they are."""
    columns = list_columns(lake)
    if relation is None:
        names = dict.fromkeys(row["relation"] for row in columns)
        return [{"relation": name, "what": explain_relation(name)} for name in names]
    return [
        {"column": row["column"], "type": row["type"], "what": explain_column(relation, row["column"])}
        for row in columns
        if row["relation"] == relation
    ]


def list_columns(lake: Warehouse) -> list[dict[str, Any]]:
    """Every column of every relation, layer by layer, with the comment that the warehouse has."""
    return lake.rows(
        f"""
        with tables as (
            select schema_name || '.' || table_name as relation, true as is_table
            from duckdb_tables() where {_OURS}
        ),
        columns as (
            select
                schema_name || '.' || table_name as relation, column_name as "column", data_type as type, comment,
                list_position(['raw', 'staging', 'marts', 'metrics', 'advisor'], schema_name) as layer, column_index
            from duckdb_columns() where {_OURS}
        )
        select c.*, coalesce(t.is_table, false) as is_table
        from columns as c left join tables as t on c.relation = t.relation
        order by c.layer, c.relation, c.column_index
        """
    )
