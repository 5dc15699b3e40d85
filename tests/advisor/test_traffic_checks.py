from __future__ import annotations

from datetime import date

import pytest

from mailgauge.checks import complaint_rate, list_checks, permanent_bounce_rate
from mailgauge.facts import NotCheckedError, Share, Tally, Traffic
from mailgauge.findings import Finding

FIRST, LAST = date(2026, 3, 26), date(2026, 4, 1)


def judge(
    check: str, numerator: int, denominator: int, *, resource: str = "isp:Yahoo", share: Share | None = None
) -> list[Finding]:
    tally = Tally(numerator, denominator, 100, share)
    dimension, _, value = resource.partition(":")
    if check == "complaint_rate":
        return complaint_rate.check(Traffic(dimension, value, FIRST, LAST, complaints=tally))
    return permanent_bounce_rate.check(Traffic(dimension, value, FIRST, LAST, permanent_bounces=tally))


@pytest.mark.parametrize(
    ("check", "numerator", "impact", "line"),
    [
        ("complaint_rate", 99, None, None),
        ("complaint_rate", 100, "LOW", "0.1 %"),
        ("complaint_rate", 299, "LOW", "0.1 %"),
        ("complaint_rate", 300, "HIGH", "0.3 %"),
        ("complaint_rate", 499, "HIGH", "0.3 %"),
        ("complaint_rate", 500, "HIGH", "0.5 %"),
        ("permanent_bounce_rate", 1_999, None, None),
        ("permanent_bounce_rate", 2_000, "LOW", "2 %"),
        ("permanent_bounce_rate", 4_999, "LOW", "2 %"),
        ("permanent_bounce_rate", 5_000, "HIGH", "5 %"),
        ("permanent_bounce_rate", 9_999, "HIGH", "5 %"),
        ("permanent_bounce_rate", 10_000, "HIGH", "10 %"),
    ],
)
def test_a_line_is_crossed_when_it_is_reached(check: str, numerator: int, impact: str | None, line: str | None) -> None:
    found = judge(check, numerator, 100_000)
    assert [one.impact for one in found] == ([impact] if impact else [])
    assert [one.title for one in found] == (
        [f"The {check.replace('_', ' ')} of provider Yahoo has reached {line}."] if line else []
    )


@pytest.mark.parametrize(
    ("resource", "start"),
    [
        ("account:123456789012", "The complaint rate of account 123456789012 has"),
        ("identity:shop.example", "The complaint rate of identity shop.example has"),
        ("configuration_set:news", "The complaint rate of configuration set news has"),
        ("tenant:acme", "The complaint rate of tenant acme has"),
    ],
)
def test_a_title_names_the_resource(resource: str, start: str) -> None:
    (found,) = judge("complaint_rate", 50, 1_000, resource=resource)
    assert found.title.startswith(start)
    assert found.resource == resource


def test_the_evidence_holds_the_rate_with_its_interval_and_the_line() -> None:
    share = Share("identity", "shop.example", 9, 500)
    (found,) = judge("complaint_rate", 12, 3_000, share=share)
    evidence = found.evidence
    assert (evidence["numerator"], evidence["denominator"], evidence["rate"]) == (12, 3_000, 0.004)
    assert evidence["low"] == pytest.approx(0.00229, abs=1e-5)
    assert evidence["high"] == pytest.approx(0.00698, abs=1e-5)
    assert (evidence["line"], evidence["certain"]) == (0.003, False)
    assert (evidence["first_day"], evidence["last_day"]) == ("2026-03-26", "2026-04-01")
    assert evidence["most_from"] == {
        "dimension": "identity",
        "value": "shop.example",
        "numerator": 9,
        "denominator": 500,
    }
    assert found.remedy.startswith("The largest part (9 of 12) is of identity shop.example. ")


def test_it_is_certain_when_the_whole_interval_lies_above_the_line() -> None:
    (found,) = judge("complaint_rate", 1_000, 100_000)
    assert found.evidence["certain"] is True


def test_more_complaints_than_deliveries_have_no_interval_and_are_not_certain() -> None:
    (found,) = judge("complaint_rate", 200, 150)
    assert (found.evidence["low"], found.evidence["high"], found.evidence["certain"]) == (None, None, False)


@pytest.mark.parametrize("check", ["complaint_rate", "permanent_bounce_rate"])
def test_fewer_than_three_are_too_few_to_tell(check: str) -> None:
    with pytest.raises(NotCheckedError, match="too few"):
        judge(check, 2, 20)
    assert judge(check, 3, 20)
    assert judge(check, 2, 100_000) == []


@pytest.mark.parametrize(
    ("tally", "gap"), [(Tally(0, 0, 100), "no data"), (Tally(50, 99, 100), "too few"), (Tally(50, 100, 100), "")]
)
def test_a_tally_below_the_floor_says_why(tally: Tally, gap: str) -> None:
    assert tally.gap == gap


def test_every_check_says_what_it_is() -> None:
    checks = list_checks()
    assert len({check.NAME for check in checks}) == len(checks) >= 6
    for check in checks:
        assert check.__name__ == f"mailgauge.checks.{check.NAME}"  # type: ignore[attr-defined]
        assert check.__doc__
        assert check.check.__doc__
        assert check.REFERENCES
        assert all(url.startswith("https://") for url in check.REFERENCES)
        assert set(check.READS) <= set(check.FACTS.__slots__)  # type: ignore[attr-defined]
