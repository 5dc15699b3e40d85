"""Regions and sending limits: given facts, expected findings; and how the advisor comes by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mailgauge.advisor import advise
from mailgauge.checks import region_silence, sending_limit
from mailgauge.facts import NotCheckedError
from mailgauge.settings import Quota, Settings
from mailgauge.system_facts import LimitUse, RegionSilence
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
