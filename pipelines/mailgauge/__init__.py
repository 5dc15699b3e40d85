"""Deliverability analytics for Amazon SES, computed from your own event stream.

    objects → raw → staging → marts → metrics → quality gate → checks → findings → report, alerts
      ingest               build                 validate        advise              report, alert

Above what there is, below the step that makes it; nothing to the right is read by anything to the left.
"""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from mailgauge.memory import wish_before_duckdb

if TYPE_CHECKING:
    from mailgauge.engine import Connection

wish_before_duckdb()


def connect(warehouse: str | Path = "warehouse") -> Connection:
    """Return a read-only DuckDB connection to a warehouse, usable while the night runs.

    >>> mailgauge.connect().sql("select * from marts.daily").pl()  # doctest: +SKIP
    """
    from mailgauge.warehouse import Warehouse  # noqa: PLC0415 (importing mailgauge stays quick)

    opened = Warehouse(Path(warehouse), read_only=True)
    connection = opened.connection.cursor()
    for setting in ("set timezone = 'UTC'", "use lake"):
        connection.execute(setting)
    weakref.finalize(connection, opened.close)  # whoever compacts waits for readers that are gone no longer
    return connection
