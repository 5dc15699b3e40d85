"""The numbers of a page are those that the simulator decided, and those that plain SQL counts in the raw events."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest

from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.page_data import read_page
from mailgauge.pages import Page
from mailgauge.rates import Rate
from mailgauge.settings import Settings
from mailgauge.simulation import simulate
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse

DAY = date(2026, 3, 17)
NOW = datetime(2026, 3, 18, 3)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)

RATES = {
    "Delivery": ("deliveries", "attempts"),
    "Permanent bounce": ("permanent_bounces", "attempts"),
    "Transient bounce": ("transient_bounces", "attempts"),
    "Delayed": ("delivery_delays", "attempts"),
    "Complaint": ("complaints", "feedback_deliveries"),
    "Open": ("opens", "deliveries"),
    "Click": ("clicks", "deliveries"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, dict[str, Any], dict[str, Any]]:
    """The page of the last day of a simulated week, the truth, and a recount from the raw events."""
    folder = tmp_path_factory.mktemp("week")
    simulate(folder / "dumps", messages=3000, end=DAY)
    truth = json.loads((folder / "dumps" / "_truth.json").read_text(encoding="utf-8"))
    with Warehouse(folder / "warehouse") as lake:
        ingest(lake, list_objects([str(folder / "dumps" / "events")]), now=NOW)
        build_marts(lake, now=NOW)
        page = read_page(lake, Settings(), day=DAY, now=NOW)
        (recount,) = lake.rows(
            """
            with recipients as (
                select
                    message_id,
                    recipient,
                    bool_or(event_type = 'Send') as sent,
                    bool_or(event_type = 'Delivery') as delivered,
                    bool_or(event_type = 'Bounce' and bounce_type = 'Permanent' and bounce_sub_type not in (
                        'OnAccountSuppressionList', 'OnTenantSuppressionList', 'EmailValidationSuppressed'
                    )) as bounced,
                    bool_or(event_type = 'DeliveryDelay') as delayed
                from raw.events
                where
                    sent_at >= ?::date and sent_at < ?::date + 1
                    and coalesce(recipient_domain, '') <> 'simulator.amazonses.com'
                group by all
            )

            select
                count(*) filter (where sent) as sends,
                count(*) filter (where delivered) as deliveries,
                count(*) filter (where bounced) as permanent_bounces,
                count(*) filter (where delayed) as delivery_delays
            from recipients
            where recipient is not null
            """,
            [DAY, DAY],
        )
    return page, truth, recount


def sum_truth(truth: dict[str, Any], **where: str | None) -> Counter[str]:
    rows = [row for row in truth["daily"] if row["day"] == DAY.isoformat()]
    counts: Counter[str] = Counter()
    for row in rows:
        if all(row[name] == value for name, value in where.items()):
            counts.update({name: count for name, count in row.items() if isinstance(count, int)})
    counts["attempts"] = counts["sends"] - counts["suppressed"]
    return counts


def as_rates(counts: Counter[str]) -> dict[str, Rate]:
    return {label: Rate(counts[top], counts[bottom]) for label, (top, bottom) in RATES.items()}


def test_the_tiles_are_the_truth(made: tuple[Page, dict[str, Any], dict[str, Any]]) -> None:
    page, truth, _ = made
    counts = sum_truth(truth)
    assert page.hero
    shown = {tile.label: tile.rate for tile in page.tiles if tile.rate} | {"Complaint": page.hero.rate}
    shown.pop("Suppressed")
    assert shown == as_rates(counts)
    assert page.tiles[0].text == f"{counts['sends']:,}"


@pytest.mark.parametrize("key", ["isp", "identity", "configuration_set", "tenant"])
def test_every_row_of_every_table_is_the_truth(made: tuple[Page, dict[str, Any], dict[str, Any]], key: str) -> None:
    page, truth, _ = made
    (table,) = (table for table in page.tables if table.key == key)
    assert len(table.rows) > 3
    for row in table.rows:
        where = {} if row.kind == "total" else {key: None if row.kind == "unnamed" else row.name}
        counts = sum_truth(truth, **where)
        shown = {label: cell.rate for label, cell in zip(table.columns, row.cells, strict=True)}
        assert (row.sends, shown) == (counts["sends"], as_rates(counts)), row.name


def test_the_trend_and_the_reasons_add_up(made: tuple[Page, dict[str, Any], dict[str, Any]]) -> None:
    page, truth, _ = made
    sent: Counter[str] = Counter()
    for row in truth["daily"]:
        sent[row["day"]] += row["sends"]
    assert {day.day.isoformat(): day.sends for day in page.trend.days} == dict(sent)
    counts = sum_truth(truth)
    assert page.reasons
    bounced = counts["permanent_bounces"] + counts["transient_bounces"] + counts["undetermined_bounces"]
    assert sum(row.count for row in page.reasons.rows) == bounced


def test_plain_sql_over_the_events_counts_the_same(made: tuple[Page, dict[str, Any], dict[str, Any]]) -> None:
    page, _, recount = made
    shown = {tile.label: tile.rate.numerator for tile in page.tiles if tile.rate}
    assert shown["Delivery"] == recount["deliveries"]
    assert shown["Permanent bounce"] == recount["permanent_bounces"]
    assert shown["Delayed"] == recount["delivery_delays"]
    assert page.tiles[0].text == f"{recount['sends']:,}"
