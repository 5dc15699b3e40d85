"""Takes out of raw.events what a batch brought and the batch or the warehouse holds already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mailgauge.warehouse import Warehouse


def drop_duplicates(lake: Warehouse, first_object: int) -> dict[int, int]:
    """Keep each event of the objects from `first_object` on once; returns how many each object lost."""
    lake.execute("create or replace temp table known (event_id uuid)")
    _note_known(lake, first_object)
    with lake.lending("twice", {"hash": _find_twice(lake, first_object)}):
        is_clean = lake.value("select not exists(from known) and not exists(from twice)")
        dropped = {} if is_clean else _drop_repeated(lake, first_object)
    lake.execute("drop table known")
    return dropped


def _note_known(lake: Warehouse, first_object: int) -> None:
    """An event that is there already stands in a day that the batch brought, so that older files are passed over."""
    query = 'select min("day") as first, max("day") as last from raw.events where object_id >= ?'
    days = lake.rows(query, [first_object])[0]
    older = (
        f"object_id < {first_object} and "
        f"\"day\" between date '{days['first'] or 'infinity'}' and date '{days['last'] or 'infinity'}'"
    )
    if lake.value(f"select exists(from raw.events where {older})"):
        lake.execute(
            f"""
            insert into known
            select event_id from raw.events
            where {older} and event_id in (select event_id from raw.events where object_id >= {first_object})
            """
        )


def _find_twice(lake: Warehouse, first_object: int) -> NDArray[np.uint64]:
    """The hashes of the events that the batch brought more than once; to sort them is thrice as fast as to group."""
    hashes = lake.column("select hash(event_id) from raw.events where object_id >= ?", [first_object])
    hashes.sort()
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])


def _drop_repeated(lake: Warehouse, first_object: int) -> dict[int, int]:
    lake.execute(
        """
        create or replace temp table repeated as
        select event_id, object_id, recipient_index, rowid as row_number, event_id in (from known) as is_known
        from raw.events
        where object_id >= ? and (hash(event_id) in (from twice) or event_id in (from known))
        qualify is_known
            or row_number() over (partition by event_id order by object_id, recipient_index, row_number) > 1
        """,
        [first_object],
    )
    lake.execute("delete from raw.events where rowid in (select row_number from repeated)")
    rows = lake.rows("select object_id, count(*) as n from repeated where recipient_index = 1 group by all")
    lake.execute("drop table repeated")
    return {row["object_id"]: row["n"] for row in rows}
