"""Brings the marts up to date with raw events: only messages that new events touch are computed again.

Outcomes are computed from all events of a touched message, so a sequence of increments gives the rows of a rebuild.
The counts are sums over outcomes: what a touched outcome counted before is taken away, what it counts now is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgauge import paths
from mailgauge.machines import add_shared, digest_networks, learn_machines
from mailgauge.providers import add_responses, count_responses, find_moved, move_domains
from mailgauge.reasons import digest_rules
from mailgauge.responses import learn_again, learn_responses
from mailgauge.retention import drop_counted, restore_counts
from mailgauge.touched import (
    forget_before,
    keep_domains,
    show_complaints,
    show_events,
    show_parts,
    show_touched,
    touch_messages,
    turn_outcomes,
)
from mailgauge.warehouse import fingerprint

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.warehouse import Warehouse

COUNTED = ("hourly", "daily", "daily_by_event_day")
"""The marts that are sums over outcomes."""

DIMENSIONS = ("account_id", "region", "identity", "configuration_set", "tenant", "isp")
"""The dimensions that every mart and metric has."""


@dataclass(frozen=True, slots=True)
class Built:
    """What one build did."""

    outcomes: int
    """Outcomes computed."""
    is_full: bool


def build_marts(lake: Warehouse, *, now: datetime, full: bool = False) -> Built:
    """Compute what changed since the last build; everything when `full`, the first time, or after a new definition."""
    state = lake.rows("select object_id, fingerprint from raw.builds")
    current = f"{fingerprint(('staging', 'marts'))} {digest_rules()} {digest_networks()}"
    is_full = full or not state or state[0]["fingerprint"] != current
    newest = lake.value("select max(object_id) from raw.objects") or 0
    keep_domains(lake)
    if not is_full and state[0]["object_id"] == newest and not find_moved(lake):
        return Built(0, is_full=False)

    def compute() -> int:
        if is_full:
            _rebuild(lake)
        else:
            _increment(lake, state[0]["object_id"])
            for name in COUNTED:
                add_counts(lake, name)
        lake.execute("delete from raw.builds")
        lake.insert("raw.builds", [{"object_id": newest, "fingerprint": current, "built_at": now}])
        return int(lake.value("select count(*) from changed_outcomes where weight = 1"))

    outcomes = lake.together(compute)
    hide_changes(lake)
    lake.execute("drop table if exists before_outcomes")
    lake.execute("drop table if exists after_outcomes")
    return Built(outcomes, is_full=is_full)


def _definition(name: str) -> str:
    return (paths.SQL / "marts" / f"{name}.sql").read_text(encoding="utf-8")


def _rebuild(lake: Warehouse) -> None:
    for name in ("feedback_isps", "domain_isps", "engagements", "outcomes", *COUNTED):
        lake.execute(f"delete from marts.{name}")
    show_events(lake, "select * from raw.events")
    learn_again(lake)
    learn_machines(lake)
    count_responses(lake)
    keep_domains(lake)
    lake.execute(f"insert into marts.domain_isps by name {_definition('domain_isps')}")
    show_complaints(lake)
    lake.execute(
        f"insert into marts.feedback_isps by name {_definition('feedback_isps')} "
        "union select isp from marts.retained_feedback_isps"
    )
    for _ in show_parts(lake):
        _score(lake)
        lake.execute(f"insert into marts.outcomes by name {_definition('outcomes')}")
    drop_counted(lake, "marts.outcomes")
    show_changes(lake, "select *, 1 as weight from marts.outcomes")
    for name in COUNTED:
        is_empty = not lake.value(f"select count(*) from marts.retained_{name}")
        if not is_empty:
            restore_counts(lake, name)
        add_counts(lake, name, is_empty=is_empty)


def _score(lake: Warehouse) -> None:
    lake.execute(f"create or replace temp table engagement_rows as {_definition('engagements')}")
    lake.execute("create or replace temp view touched_engagements as select * from engagement_rows")
    lake.execute("insert into marts.engagements by name select * from engagement_rows")


def show_changes(lake: Warehouse, query: str) -> None:
    """Give the counting marts the outcomes of `query`, each with its weight."""
    lake.execute(f"create or replace temp view changed_outcomes as {query}")
    lake.execute(f"create or replace temp view counted_outcomes as {_definition('counted_outcomes')}")


def hide_changes(lake: Warehouse) -> None:
    """The counting marts have counted."""
    lake.execute("drop view counted_outcomes")
    lake.execute("drop view changed_outcomes")


def _increment(lake: Warehouse, built: int) -> None:
    show_events(lake, f"select * from raw.events where object_id > {built}")
    learn_responses(lake)
    add_responses(lake)
    touched = f"select distinct message_id from raw.events where object_id > {built}"
    if find_moved(lake):
        touched += f" union {move_domains(lake)}"
    if shared := add_shared(lake, built):
        touched += f" union {shared}"
    touch_messages(lake, touched, built)
    has_turned = _learn_feedback(lake, built)
    show_touched(lake, built)
    forget_before(lake)
    _score(lake)
    lake.execute(f"create or replace temp table after_outcomes as {_definition('outcomes')}")
    drop_counted(lake, "after_outcomes")
    if has_turned:
        turn_outcomes(lake)
    lake.execute("insert into marts.outcomes by name select * from after_outcomes")
    show_changes(
        lake,
        "select *, 1 as weight from after_outcomes union all by name "
        "select * exclude (row_number), -1 as weight from before_outcomes",
    )


def _learn_feedback(lake: Warehouse, built: int) -> bool:
    """Find who can complain; tells whether a provider came or went."""
    show_complaints(lake, built)
    lake.execute(
        f"""
        create or replace temp table new_feedback_isps as
        {_definition("feedback_isps")}
        union select isp from marts.retained_feedback_isps
        union select isp from marts.outcomes
        where complained_at is not null and not is_simulator and message_id not in (select message_id from touched)
        """
    )
    lake.execute(
        """
        create or replace temp table turned_isps as
        (select isp from new_feedback_isps except select isp from marts.feedback_isps)
        union (select isp from marts.feedback_isps except select isp from new_feedback_isps)
        """
    )
    if not lake.value("select count(*) from turned_isps"):
        return False
    lake.execute("delete from marts.feedback_isps")
    lake.execute("insert into marts.feedback_isps by name select isp from new_feedback_isps")
    return True


def add_counts(lake: Warehouse, name: str, *, into: str | None = None, is_empty: bool = False) -> None:
    """Add what the view counted_outcomes counts to the mart `name`, or to another relation of its columns."""
    target = f"marts.{into or name}"
    lake.execute(f"create or replace temp table delta as {_definition(name)}")
    columns = [row["column_name"] for row in lake.rows("describe delta")]
    counts = [column for column in columns[1:] if column not in DIMENSIONS]
    # One sum, not a condition a count: the catalog is asked for statistics for each, which takes a quarter of a second.
    nothing = " + ".join(f"abs({count})" for count in counts) + " = 0"
    lake.execute(f"delete from delta where {nothing}")
    if is_empty:  # a merge takes its time even then
        lake.execute(f"insert into {target} by name select * from delta")
    else:
        _merge_delta(lake, target, keys=[columns[0], *DIMENSIONS], counts=counts)
        lake.execute(f"delete from {target} where {nothing}")
    lake.execute("drop table delta")


def _merge_delta(lake: Warehouse, target: str, *, keys: list[str], counts: list[str]) -> None:
    columns = [*keys, *counts]
    same = " and ".join(f't."{key}" is not distinct from d."{key}"' for key in keys)
    sums = ", ".join(f"{count} = coalesce(t.{count}, 0) + d.{count}" for count in counts)
    lake.execute(
        f"""
        merge into {target} as t using delta as d on {same}
        when matched then update set {sums}
        when not matched then insert ({", ".join(f'"{c}"' for c in columns)})
            values ({", ".join(f'd."{c}"' for c in columns)})
        """
    )
