"""Takes out of raw.events what a batch brought and the batch or the warehouse holds already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse


def drop_duplicates(lake: Warehouse, first_object: int) -> dict[int, int]:
    """Keep each event of the objects from `first_object` on once; returns how many each object lost.

    An event that is there already stands in a day that the batch brought, so that older files are passed over.
    """
    lake.execute(
        """
        create or replace temp table arrived as
        select event_id, "day", object_id, recipient_index, rowid as row_number from raw.events where object_id >= ?
        """,
        [first_object],
    )
    days = lake.rows('select min("day") as first, max("day") as last from arrived')[0]
    lake.execute(
        f"""
        create or replace temp table known as
        select event_id from raw.events
        where object_id < {first_object} and event_id in (select event_id from arrived)
            and "day" between date '{days["first"] or "infinity"}' and date '{days["last"] or "infinity"}'
        """
    )
    lake.execute(
        """
        create or replace temp table twice as
        select event_id from arrived group by event_id having count(*) > 1
        """
    )
    dropped = _drop_repeated(lake) if lake.value("select exists(from known) or exists(from twice)") else {}
    for table in ("arrived", "known", "twice"):
        lake.execute(f"drop table {table}")
    return dropped


def _drop_repeated(lake: Warehouse) -> dict[int, int]:
    lake.execute(
        """
        create or replace temp table repeated as
        select row_number, object_id, recipient_index from arrived
        where event_id in (select event_id from known) or event_id in (select event_id from twice)
        qualify event_id in (select event_id from known)
            or row_number() over (partition by event_id order by object_id, recipient_index, row_number) > 1
        """
    )
    lake.execute("delete from raw.events where rowid in (select row_number from repeated)")
    rows = lake.rows("select object_id, count(*) as n from repeated where recipient_index = 1 group by all")
    lake.execute("drop table repeated")
    return {row["object_id"]: row["n"] for row in rows}
