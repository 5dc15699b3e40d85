"""Tells a query that only reads from one that does more: some of DuckDB's table functions write files.

Pure: it is given the query's text, and the tree that DuckDB's parser makes of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXPLAIN = re.compile(
    r"""
    (?: \s | --[^\n]*\n | /\*.*?\*/ )*
    explain \b
    (?: \s | --[^\n]*\n | /\*.*?\*/ )*
    (?: analyze \b | \( [^()]* \) )?
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

_READERS = re.compile(
    r"""
    read_\w+ | parquet_\w+ | duckdb_\w+ | glob | sniff_csv
    | range | generate_series | unnest | repeat | repeat_row | json_each | json_tree
    | summary | histogram | histogram_values | query_table | test_all_types | icu_calendar_names | pg_timezone_names
    | pragma_(?: show | version | table_info | storage_info | database_size | platform | collations )
    | ducklake_(?: snapshots | current_snapshot | last_committed_snapshot | list_files | options | settings )
    | ducklake_table_\w+
    """,
    re.VERBOSE,
)
"""Table functions that read; `query` and `json_execute_serialized_sql` would hide others in a text."""


def take_explained(sql: str) -> str:
    """Return what an EXPLAIN explains, and any other statement as it is.

    >>> take_explained("explain analyze copy t to 'f'"), take_explained("explain (format json) from t")
    (" copy t to 'f'", ' from t')
    """
    return _EXPLAIN.sub("", sql, count=1) if _EXPLAIN.match(sql) else sql


def list_unknown_functions(tree: Any) -> list[str]:  # noqa: ANN401 (any JSON)
    """The table functions in a parsed query that are not known to read only.

    >>> list_unknown_functions({"type": "TABLE_FUNCTION", "function": {"function_name": "enable_logging"}})
    ['enable_logging']
    """
    return sorted({name for name in _find_functions(tree) if not _READERS.fullmatch(name)})


def _find_functions(tree: Any) -> Iterator[str]:  # noqa: ANN401 (any JSON)
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("type") == "TABLE_FUNCTION":
                yield part["function"]["function_name"].lower()
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
