"""Regions, sending limits and dedicated IPs: given facts, expected findings; and how the advisor comes by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from advisor.nameserver import NameServer
from mailgauge.advisor import advise
from mailgauge.checks import ip_volume, ip_warm_up, region_silence, sending_limit
from mailgauge.facts import NotCheckedError
from mailgauge.settings import DnsSettings, Quota, Settings
from mailgauge.system_facts import IpDay, LimitUse, RegionSilence, SendingIp
from mailgauge.warehouse import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 3, 30)
NOW = datetime(2026, 3, 31, 6)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
USE = LimitUse("1", "eu-west-1", 100, 1000, 0.1, 1, 14.0, 0.05, None)


def test_a_silent_region_is_found_and_one_that_sends_is_not() -> None:
    silent = RegionSilence("1", "us-east-1", 0.25, DAY - timedelta(days=2), DAY, is_silent=True)
    (found,) = region_silence.check(silent)
    assert (found.resource, found.impact) == ("region:1/us-east-1", "HIGH")
    assert found.title == "Region us-east-1 has sent nothing since 2026-03-28."
    assert "--region us-east-1" in found.remedy
    assert region_silence.check(replace(silent, is_silent=False)) == []
    assert replace(silent, account_id=None).resource == "region:us-east-1"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"used_day": 0.79, "days_until": 14, "used_second": 0.79}, []),
        ({"used_day": 0.8}, [("day", "LOW", "Region eu-west-1: 80.0 % of the daily quota were used in 24 hours.")]),
        ({"used_day": 1.0}, [("day", "HIGH", "Region eu-west-1: 100.0 % of the daily quota were used in 24 hours.")]),
        (
            {"days_until": 13},
            [("day", "LOW", "Region eu-west-1: the daily quota is reached in 13 days if the trend holds.")],
        ),
        (
            {"used_second": 1.0, "quota_day": None, "used_day": None},
            [("second", "LOW", "Region eu-west-1: 100.0 % of the sending rate were used in one second.")],
        ),
        (
            {"used_second": 1.2},
            [("second", "HIGH", "Region eu-west-1: 120.0 % of the sending rate were used in one second.")],
        ),
    ],
)
def test_a_limit_that_is_near_or_reached_is_found(more: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
    found = sending_limit.check(replace(USE, **more))
    assert [(finding.kind, finding.impact, finding.title) for finding in found] == expected


def test_a_limit_is_told_with_its_counts() -> None:
    day, second = sending_limit.check(replace(USE, used_day=0.9, peak_24_hours=1234, used_second=2.0, peak_second=28))
    assert day.evidence["said"] == "The most in 24 hours were 1,234 recipients; the quota is 1,000."
    assert second.evidence["said"] == "The most in one second were 28 recipients; the quota is 14."


def test_a_region_without_a_quota_is_not_checked() -> None:
    with pytest.raises(NotCheckedError, match=r"no quota is set \(limits.eu-west-1\)"):
        sending_limit.check(replace(USE, quota_day=None, used_day=None, quota_second=None, used_second=None))


def make_ip(*days: tuple[str, int, int], age: int = 100, is_new: bool = True) -> SendingIp:
    """An address and its days: provider, how many days back, recipients."""
    best: dict[str, int] = {}
    made = []
    for isp, back, recipients in sorted(days, key=lambda one: -one[1]):
        made.append(IpDay(isp, DAY - timedelta(days=back), recipients, best.get(isp)))
        best[isp] = max(best.get(isp, 0), recipients)
    return SendingIp("192.0.2.1", DAY, DAY - timedelta(days=age), is_new, tuple(made))


@pytest.mark.parametrize(
    ("ip", "cold"),
    [
        (make_ip(("Gmail", 3, 300), ("Yahoo", 3, 300)), []),
        (make_ip(("Gmail", 3, 300), ("Yahoo", 3, 299)), ["Yahoo"]),
        (make_ip(("Gmail", 29, 300), ("Yahoo", 30, 300), ("Yahoo", 1, 99)), ["Yahoo"]),
        (make_ip(("Gmail", 3, 950), ("Yahoo", 3, 50)), ["Yahoo"]),
        (make_ip(("Gmail", 3, 951), ("Yahoo", 3, 49)), []),
        (make_ip(("Gmail", 3, 9), age=13), []),
        (make_ip(("Gmail", 3, 9), age=14), ["Gmail"]),
        (make_ip(("Gmail", 3, 9), age=13, is_new=False), ["Gmail"]),
        (make_ip(), []),
    ],
)
def test_an_ip_gets_cold_where_no_day_had_enough(ip: SendingIp, cold: list[str]) -> None:
    assert [isp for found in ip_volume.check(ip) for isp in found.evidence["best"]] == cold


def test_a_cold_ip_is_told_with_its_best_day_at_each_provider() -> None:
    (found,) = ip_volume.check(make_ip(("Gmail", 3, 20), ("Gmail", 2, 200), ("Yahoo", 3, 50)))
    assert (found.resource, found.impact) == ("ip:192.0.2.1", "LOW")
    assert found.title == "192.0.2.1 sends too little to stay warm at 2 providers."
    assert found.evidence["said"] == "The most on a day of 30 were 200 at Gmail, 50 at Yahoo; 300 keep an address warm."


@pytest.mark.parametrize(
    ("ip", "fast"),
    [
        (make_ip(("Gmail", 1, 500), ("Gmail", 0, 1000), age=5), []),
        (make_ip(("Gmail", 1, 500), ("Gmail", 0, 1001), age=5), [0]),
        (make_ip(("Gmail", 1, 900), ("Gmail", 0, 1800), age=5), []),
        (make_ip(("Gmail", 1, 900), ("Gmail", 0, 1801), age=5), [0]),
        (make_ip(("Gmail", 1, 900), ("Yahoo", 0, 1801), age=5), [0]),
        (
            make_ip(
                (
                    "Gmail",
                    7,
                    1,
                ),
                ("Gmail", 6, 5000),
                age=7,
            ),
            [6],
        ),
        (make_ip(("Gmail", 8, 1), ("Gmail", 7, 5000), age=8), []),
        (make_ip(("Gmail", 1, 500), ("Gmail", 0, 5000), age=44), [0]),
        (make_ip(("Gmail", 1, 500), ("Gmail", 0, 5000), age=45), []),
        (make_ip(("Gmail", 1, 500), ("Gmail", 0, 5000), age=5, is_new=False), []),
    ],
)
def test_an_ip_that_warms_up_too_fast_is_found(ip: SendingIp, fast: list[int]) -> None:
    found = [day for one in ip_warm_up.check(ip) for day, *_ in one.evidence["days"]]
    assert found == [str(DAY - timedelta(days=back)) for back in fast]


def test_a_hurried_ip_is_told_with_its_worst_day() -> None:
    (found,) = ip_warm_up.check(make_ip(("Gmail", 1, 900), ("Gmail", 0, 2000), ("Yahoo", 0, 1500), age=3))
    assert found.title == "192.0.2.1 is warming up too fast at Yahoo."
    assert found.evidence["said"] == "On 2026-03-30 it sent 1,500 there; it had sent there on no day before."
    (found,) = ip_warm_up.check(make_ip(("Gmail", 1, 900), ("Gmail", 0, 2000), age=3))
    assert found.evidence["said"] == "On 2026-03-30 it sent 2,000 there; the most before were 900."


def test_the_advisor_judges_the_ips_of_pools_alone(folder: Path, zone: NameServer) -> None:
    rows = [
        {"account_id": "1", "isp": "Yahoo", "day": DAY, "outgoing_ip": f"192.0.2.{at}", "is_simulator": False}
        for at in (1, 2)
    ]
    with Warehouse(folder) as lake:
        lake.insert("marts.outcomes", rows)
        settings = Settings(pools={"bulk": ["192.0.2.2"]}, dns=DnsSettings(resolver=zone.address))
        found = advise(lake, settings, day=DAY, now=NOW, dns=False).findings
        assert [(one.check, one.resource) for one in found] == [("ip_volume", "ip:192.0.2.2")]
        asked = advise(lake, settings, day=DAY, now=NOW).findings
        assert {(one.check, one.resource) for one in asked} == {
            ("ip_volume", "ip:192.0.2.2"),
            ("reverse_dns_missing", "ip:192.0.2.2"),
        }


def test_the_advisor_finds_them_in_the_marts_and_sees_when_they_end(folder: Path) -> None:
    settings = Settings(limits={"eu-west-1": Quota(recipients_a_day=100)})
    with Warehouse(folder) as lake:
        place = {"account_id": "1", "identity": "i", "isp": "Yahoo"}
        for back in range(10):
            day = {"day": DAY - timedelta(days=back), "sends": 90}
            lake.insert("marts.daily", [place | day | {"region": "eu-west-1"}])
            if back >= 2:
                lake.insert("marts.daily", [place | day | {"region": region} for region in ("us-east-1", None)])
        noon = datetime(2026, 3, 30, 12)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
        hours = [{"hour": noon - timedelta(days=1), "sends": 90}, {"hour": noon, "sends": 90}]
        lake.insert("marts.hourly", [place | hour | {"region": "eu-west-1"} for hour in hours])
        first = advise(lake, settings, day=DAY, now=NOW, dns=False)
        assert [(finding.check, finding.resource) for finding in first.findings] == [
            ("region_silence", "region:1/us-east-1"),
            ("sending_limit", "region:1/eu-west-1"),
        ]
        next_day = {"day": DAY + timedelta(days=1), "sends": 9}
        lake.insert("marts.daily", [place | next_day | {"region": region} for region in ("eu-west-1", "us-east-1")])
        settings.limits["eu-west-1"] = Quota(recipients_a_day=1000)
        later = advise(lake, settings, day=DAY + timedelta(days=1), now=NOW + timedelta(days=1), dns=False)
        assert (later.findings, later.fixed) == ([], 2)
