"""Who reads, whom to stop writing to, and who must not be written to: counts, or addresses where they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse

LISTS = {
    "suppress": """
        select recipient, isp, suppress_reason, suppress_since, is_still_sent_to, last_sent_at
        from marts.recipients where suppress_reason is not null
        order by is_still_sent_to desc, suppress_since, recipient
    """,
    "sunset": """
        select recipient, isp, cohort, last_engaged_at, tracked_deliveries, first_sent_at, last_sent_at
        from marts.recipients where should_sunset
        order by tracked_deliveries desc, recipient
    """,
}
"""Queries that name people: those who must not be written to, and those who do not read."""

_COHORTS = """
    select
        coalesce(cohort, 'not tracked') as cohort,
        count(*) as recipients,
        count(*) filter (where should_sunset) as to_sunset,
        count(*) filter (where suppress_reason is not null) as to_suppress,
        count(*) filter (where suppress_reason is not null and is_still_sent_to) as still_sent_to
    from marts.recipients
    group by coalesce(cohort, 'not tracked')
    order by list_position(
        ['new', 'active', 'lapsing', 'lapsed', 'never', 'not tracked'], coalesce(marts.recipients.cohort, 'not tracked')
    )
"""


def count_cohorts(lake: Warehouse) -> list[dict[str, Any]]:
    """How many recipients are in each cohort of engagement, and what to do with how many of them."""
    return lake.rows(_COHORTS)


def list_people(lake: Warehouse, name: str) -> list[dict[str, Any]]:
    """The addresses of one of LISTS."""
    return lake.rows(LISTS[name])
