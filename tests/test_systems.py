"""SES's other systems: given rows, expected rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgauge.settings import Quota, Settings
from mailgauge.systems import list_systems, read_dedicated, read_system
from mailgauge.warehouse import Warehouse

DAY = date(2026, 3, 30)
NOON = datetime(2026, 3, 30, 12)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
PLACE = {"account_id": "1", "region": "eu-west-1", "identity": "i", "isp": "Yahoo"}


@pytest.fixture
def lake(folder: Path) -> Iterator[Warehouse]:
    with Warehouse(folder) as opened:
        yield opened


def ask(lake: Warehouse, name: str, **settings: Any) -> list[dict[str, Any]]:
    return read_system(lake, Settings(**settings), name)


def put(lake: Warehouse, mart: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        lake.insert(f"marts.{mart}", [PLACE | row])


def hour(back: int, **counts: int) -> dict[str, Any]:
    return {"hour": NOON - timedelta(hours=back), **counts}


def test_reputation_is_of_the_last_recipients_and_says_how_many(lake: Warehouse) -> None:
    put(
        lake, "hourly",
        hour(0, attempts=600, permanent_bounces=6, feedback_deliveries=500, complaints=0),
        hour(1, attempts=600, permanent_bounces=60, feedback_deliveries=500, complaints=1),
        hour(2, attempts=900, permanent_bounces=900, feedback_deliveries=0, complaints=0),
    )  # fmt: skip
    (row,) = ask(lake, "reputation", reputation_recipients=1000)
    assert (row["recipients"], row["since_hour"]) == (1200, NOON - timedelta(hours=1))
    assert (row["bounces"], row["bounce_rate"], row["standing"]) == (66, 0.055, "review")
    assert (row["complaints"], row["feedback_deliveries"], row["complaint_rate"]) == (1, 1000, 0.001)
    (row,) = ask(lake, "reputation", reputation_recipients=600)
    assert (row["recipients"], row["standing"]) == (600, "healthy")
    (row,) = ask(lake, "reputation")
    assert (row["recipients"], row["standing"]) == (2100, "may be paused")


def test_reputation_without_mail_to_who_can_complain_has_no_complaint_rate(lake: Warehouse) -> None:
    put(lake, "hourly", hour(0, attempts=10, permanent_bounces=0, feedback_deliveries=0, complaints=0))
    (row,) = ask(lake, "reputation")
    assert (row["complaint_rate"], row["standing"]) == (None, "healthy")


def test_regions_stand_side_by_side_and_a_silent_one_shows(lake: Warehouse) -> None:
    for back in range(14):
        put(lake, "daily", {"day": DAY - timedelta(days=back), "sends": 75, "deliveries": 75, "permanent_bounces": 0})
        if back:
            other = {"day": DAY - timedelta(days=back), "region": "us-east-1", "sends": 25, "deliveries": 20}
            put(lake, "daily", other | {"permanent_bounces": 5})
    west, east = ask(lake, "regions")
    assert (west["region"], west["sends"], west["is_silent"]) == ("eu-west-1", 525, False)
    assert (east["sends"], east["share_before"], east["is_silent"]) == (150, 0.25, True)
    assert east["shift"] == pytest.approx(150 / 675 - 0.25, abs=0.0001)
    assert (east["delivered_share"], east["last_day"]) == (0.8, DAY - timedelta(days=1))


def test_a_region_stays_silent_for_four_weeks_and_one_that_seldom_sends_is_not(lake: Warehouse) -> None:
    for back in range(34):
        put(lake, "daily", {"day": DAY - timedelta(days=back), "sends": 9})
        if back >= 27:
            put(lake, "daily", {"day": DAY - timedelta(days=back), "region": "gone", "sends": 9})
        if back >= 1 and back % 7:
            put(lake, "daily", {"day": DAY - timedelta(days=back), "region": "seldom", "sends": 9})
    assert {row["region"]: row["is_silent"] for row in ask(lake, "regions")} == {
        "eu-west-1": False,
        "gone": True,
        "seldom": False,
    }


def test_a_system_shows_as_it_was_at_the_end_of_a_day(lake: Warehouse) -> None:
    day = DAY - timedelta(days=1)
    put(lake, "daily", {"day": DAY, "sends": 900, "tenant": "late"}, {"day": day, "sends": 30, "tenant": "early"})
    put(lake, "hourly", hour(0, sends=900, attempts=900), hour(24, sends=30, attempts=30))
    rows = [outcome("192.0.2.1", DAY), outcome("192.0.2.1", DAY), outcome("192.0.2.1", day)]
    lake.insert("marts.outcomes", [PLACE | row for row in rows])

    def at(name: str) -> dict[str, Any]:
        (row,) = read_system(lake, Settings(), name, day)
        return row

    assert (at("tenants")["tenant"], at("tenants")["sends"]) == ("early", 30)
    assert (at("regions")["sends"], at("reputation")["recipients"], at("ips")["recipients"]) == (30, 30, 1)
    assert (at("limits")["trailing_24_hours"], at("limits")["peak_second"]) == (30, 1)


def test_one_day_of_one_region_shifts_nothing(lake: Warehouse) -> None:
    put(lake, "daily", {"day": DAY, "sends": 5, "deliveries": 5, "permanent_bounces": 0})
    (row,) = ask(lake, "regions")
    assert (row["share"], row["share_before"], row["shift"], row["is_silent"]) == (1, None, None, False)


def outcome(ip: str | None, day: date, isp: str = "Yahoo", **more: Any) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 9)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
    base = {"day": day, "outgoing_ip": ip, "isp": isp, "is_simulator": False, "sent_at": at, "send_seen_at": at}
    return base | more


def test_a_new_ip_warms_up_at_each_provider(lake: Warehouse) -> None:
    rows = [
        outcome("2001:db8::7", DAY - timedelta(days=2 - place))
        for place in range(3)
        for _ in range((100, 200, 400)[place])
    ]
    lake.insert("marts.outcomes", [PLACE | row for row in rows])
    old = [outcome("2001:db8::7", DAY - timedelta(days=40)), outcome(None, DAY), outcome("192.0.2.1", DAY, "Gmail")]
    lake.insert("marts.outcomes", [PLACE | row for row in old])
    cold, warm = ask(lake, "ips")
    assert (cold["sending_ip"], cold["isp"], cold["recipients"], cold["is_below_warm"]) == (
        "192.0.2.1",
        "Gmail",
        1,
        True,
    )
    assert (warm["sending_ip"], warm["recipients"], warm["best_day"], warm["newest_day"]) == (
        "2001:db8::7",
        700,
        400,
        400,
    )
    assert (warm["grown"], warm["warm_up_day"], warm["is_below_warm"]) == (4.0, 41, False)


def test_the_curve_of_an_ip_has_a_row_a_day_and_the_best_before_it(lake: Warehouse) -> None:
    many = {44: 2, 43: 1, 10: 4, 0: 3, 45: 9}
    rows = [outcome("192.0.2.1", DAY - timedelta(days=back)) for back, count in many.items() for _ in range(count)]
    rows[-1] |= {"delayed_at": NOON, "permanent_bounced_at": NOON}
    rows += [outcome("192.0.2.2", DAY - timedelta(days=10)), outcome("192.0.2.2", DAY, "Gmail", is_simulator=True)]
    rows += [outcome("192.0.2.1", DAY + timedelta(days=1)), outcome(None, DAY)]
    lake.insert("marts.outcomes", [PLACE | row for row in rows])
    *old, new = read_system(lake, Settings(), "ip_days", DAY)
    assert [(row["day"], row["recipients"], row["best_before"]) for row in old] == [
        (DAY - timedelta(days=44), 2, None),
        (DAY - timedelta(days=43), 1, 2),
        (DAY - timedelta(days=10), 4, 2),
        (DAY, 3, 4),
    ]
    assert {(row["first_day_of_ip"], row["is_new_ip"]) for row in old} == {(DAY - timedelta(days=45), False)}
    assert (new["sending_ip"], new["is_new_ip"], new["best_before"]) == ("192.0.2.2", True, None)
    assert read_system(lake, Settings(), "ip_days", DAY, ["192.0.2.2"]) == [new]
    pools = {"bulk": ["192.0.2.2", "192.0.2.9"], "also": ["192.0.2.2"]}
    assert read_dedicated(lake, Settings(pools=pools), DAY) == {"192.0.2.2": [new]}
    assert read_dedicated(lake, Settings(), DAY) == {}


def test_limits_are_used_up_by_hours_and_seconds(lake: Warehouse) -> None:
    put(lake, "hourly", hour(0, sends=100), hour(23, sends=50), hour(24, sends=800), hour(30, sends=300))
    at = NOON
    rows = [outcome(None, DAY, sent_at=at, send_seen_at=at) for _ in range(7)]
    lake.insert("marts.outcomes", [PLACE | row for row in rows])
    quota = Quota(recipients_a_day=2000, recipients_a_second=14)
    (row,) = ask(lake, "limits", limits={"eu-west-1": quota})
    assert (row["trailing_24_hours"], row["peak_24_hours"], row["used_day"]) == (150, 1150, 0.575)
    assert (row["peak_second"], row["used_second"], row["days_until"]) == (7, 0.5, None)
    (row,) = ask(lake, "limits")
    assert (row["quota_day"], row["used_day"], row["quota_second"], row["used_second"]) == (None, None, None, None)


def test_a_rising_trend_reaches_the_limit_in_so_many_days(lake: Warehouse) -> None:
    lake.insert("marts.hourly", [PLACE | hour(24 * back, sends=1000 - 10 * back) for back in range(29)])
    (row,) = ask(lake, "limits", limits={"eu-west-1": Quota(recipients_a_day=1090)})
    assert row["days_until"] == 10
    (row,) = ask(lake, "limits", limits={"eu-west-1": Quota(recipients_a_day=900)})
    assert row["days_until"] == 0


def test_even_mail_never_reaches_the_limit(lake: Warehouse) -> None:
    rows = [PLACE | hour(24 * back, sends=987_654_321 + 10**12) for back in range(29)]
    lake.insert("marts.hourly", rows)
    (row,) = ask(lake, "limits", limits={"eu-west-1": Quota(recipients_a_day=10**15)})
    assert row["days_until"] is None


def test_a_tenant_is_held_against_the_policies(lake: Warehouse) -> None:
    base = {"day": DAY, "sends": 100, "attempts": 100, "feedback_deliveries": 50}
    put(
        lake, "daily",
        base | {"tenant": "bad", "permanent_bounces": 16, "complaints": 0},
        base | {"tenant": "good", "permanent_bounces": 2, "complaints": 1},
        base | {"tenant": "old", "day": DAY - timedelta(days=9), "permanent_bounces": 99, "complaints": 0},
        base | {"permanent_bounces": 99, "complaints": 0},
        base | {"tenant": "small", "attempts": 99, "permanent_bounces": 99, "complaints": 0},
    )  # fmt: skip
    bad, good, small = ask(lake, "tenants")
    assert (bad["tenant"], bad["bounce_rate"], bad["over_bounce_line"], bad["standard_pauses"]) == (
        "bad",
        0.16,
        True,
        True,
    )
    assert (good["tenant"], good["complaint_rate"], good["strict_pauses"], good["is_disabled"]) == (
        "good",
        0.02,
        False,
        False,
    )
    assert (small["attempts"], small["bounce_rate"], small["over_bounce_line"]) == (99, 1.0, False)


def test_nothing_is_nothing(lake: Warehouse) -> None:
    names = ["dmarc", "google", "ip_days", "ips", "limits", "regions", "reputation", "snds", "tenants"]
    assert list(list_systems()) == names
    assert [ask(lake, name) for name in names] == [[] for _ in names]
