from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from mailgauge.findings import FIXED, OPEN, Finding, Merged, merge_findings, plain

DAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 2, 3)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
KEY = ("spf_record", "identity:shop.example")


def finding(kind: str = "missing", **more: object) -> Finding:
    made = Finding("spf_record", "identity:shop.example", kind, "HIGH", "A title.", {"a": 1}, "Do it.", ("https://a",))
    return replace(made, **more)  # type: ignore[arg-type]


def run(stored: Sequence[Finding], seen: Sequence[Finding], *, days: int = 0, checked: bool = True) -> Merged:
    pairs = {KEY} if checked else set()
    return merge_findings(stored, seen, pairs, day=DAY + timedelta(days=days), now=NOW + timedelta(days=days))


def test_what_is_new_is_opened() -> None:
    merged = run([], [finding()])
    (found,) = merged.findings
    assert (found.status, found.first_seen_at, found.last_seen_at, found.fixed_at) == (OPEN, NOW, NOW, None)
    assert (merged.opened, merged.fixed, merged.changed) == (1, 0, [found])


def test_what_is_seen_again_is_brought_up_to_date() -> None:
    first = run([], [finding()])
    again = run(first.findings, [finding(evidence={"a": 2}, impact="LOW")], days=1)
    (found,) = again.findings
    assert (found.first_seen_at, found.last_seen_at) == (NOW, NOW + timedelta(days=1))
    assert (found.evidence, found.impact) == ({"a": 2}, "LOW")
    assert (again.opened, again.fixed) == (0, 0)


def test_the_same_run_twice_changes_the_time_alone() -> None:
    first = run([], [finding()])
    later = NOW + timedelta(hours=1)
    again = merge_findings(first.findings, [finding()], {KEY}, day=DAY, now=later)
    assert again.findings == [replace(first.findings[0], last_seen_at=later)]
    assert (again.opened, again.fixed) == (0, 0)


def test_what_was_checked_and_not_seen_is_fixed_once() -> None:
    first = run([], [finding(), finding("all")])
    second = run(first.findings, [finding("all")], days=1)
    fixed = next(found for found in second.findings if found.kind == "missing")
    assert (fixed.status, fixed.fixed_at, fixed.last_seen_at) == (FIXED, NOW + timedelta(days=1), NOW)
    assert (second.opened, second.fixed) == (0, 1)
    third = run(second.findings, [finding("all")], days=2)
    assert fixed in third.findings
    assert third.fixed == 0


def test_what_comes_back_is_open_again_since_the_first_time() -> None:
    fixed = run(run([], [finding()]).findings, [], days=1)
    back = run(fixed.findings, [finding()], days=2)
    (found,) = back.findings
    assert (found.status, found.fixed_at, found.first_seen_at) == (OPEN, None, NOW)
    assert (back.opened, back.fixed) == (1, 0)


@pytest.mark.parametrize("seen", [[], [finding()], [finding("all")]])
def test_what_was_not_checked_stays_as_it_is(seen: list[Finding]) -> None:
    first = run([], [finding()])
    after = run(first.findings, seen, days=1, checked=False)
    assert (after.findings, after.changed, after.opened, after.fixed) == (first.findings, [], 0, 0)


@pytest.mark.parametrize("seen", [[], [finding(evidence={"a": 2})]])
def test_an_older_day_changes_nothing(seen: list[Finding]) -> None:
    first = run([], [finding()])
    assert run(first.findings, seen, days=-3).changed == []
    fixed = run(first.findings, [], days=1)
    assert run(fixed.findings, seen, days=0).changed == []


def test_a_muted_finding_stays_muted_whatever_happens() -> None:
    until = NOW + timedelta(days=30)
    muted = [replace(found, muted_until=until) for found in run([], [finding()]).findings]
    for seen in ([finding()], [], [finding()]):
        muted = run(muted, seen, days=1).findings
        assert [found.muted_until for found in muted] == [until]


def test_high_impact_comes_first() -> None:
    merged = run([], [finding("a", impact="LOW"), finding("c"), finding("b")])
    assert [found.kind for found in merged.findings] == ["b", "c", "a"]


def test_a_finding_is_json() -> None:
    (found,) = run([], [finding()]).findings
    said = json.loads(json.dumps(found.as_dict()))
    assert said["reference_urls"] == ["https://a"]
    assert (said["first_seen_at"], said["fixed_at"], said["day"]) == ("2026-04-02T03:00:00Z", None, "2026-04-01")


@pytest.mark.parametrize("text", ["\x1b[2J", "a\nb\r\x00", "\u202egpj.exe", "\u2028", "\x9b31m", "\ud800", "\u200b"])
def test_nothing_of_a_stranger_steers_a_terminal(text: str) -> None:
    made = finding(title=text, evidence={text: [text, {"deep": text}]}, remedy=f"one\n{text}", resource=f"isp:{text}")
    assert all(map(str.isprintable, (plain(text), made.title, made.resource, *made.remedy.splitlines())))
    assert made.remedy.startswith("one\n")
    ((key, (value, deep)),) = made.evidence.items()
    assert all(map(str.isprintable, (key, value, deep["deep"])))


def test_text_is_cut_and_ordinary_text_is_left_alone() -> None:
    assert plain("grüße, 日本 ~all") == "grüße, 日本 ~all"
    assert len(plain("\x00" * 10_000)) == 500
    assert len(finding(evidence={"a": "x" * 10_000}).evidence["a"]) == 500
