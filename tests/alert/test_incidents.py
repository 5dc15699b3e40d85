"""Incidents as pure sequences: any days in any order, runs repeated, and never a mail too many."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgauge import incidents, mails
from mailgauge.incidents import Breach, Cell, Figure, Incident, Scope, apply_breaches, find_cause, refresh

START = date(2026, 3, 1)
LIMIT = 0.003
ACCOUNT = Scope("account_id", "1")


def day(number: int) -> date:
    return START + timedelta(days=number)


def breach(scope: Scope, identity: str, isp: str, window: int = 1, complaints: int = 20) -> Breach:
    return Breach(Figure(scope, window, complaints, 1_000), Cell(identity, isp, complaints, 1_000), 1.0)


def cell_breaches(*cells: tuple[str, str]) -> list[Breach]:
    """What each cell makes breach: its identity, its provider and, the first one, the account."""
    found = [breach(Scope("identity", identity), identity, isp) for identity, isp in cells]
    found += [breach(Scope("isp", isp), identity, isp) for identity, isp in cells]
    unique = {item.figure.scope: item for item in found}
    return [*unique.values(), *(breach(ACCOUNT, *cell) for cell in cells[:1])]


CELLS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["Yahoo", "Comcast"])), max_size=3, unique=True)


@given(st.lists(CELLS, min_size=1, max_size=8), st.lists(st.integers(0, 7), min_size=1, max_size=25))
def test_any_order_of_days_and_runs_opens_and_closes_each_incident_once(
    story: list[list[tuple[str, str]]], runs: list[int]
) -> None:
    known: dict[str, Incident] = {}
    opened: list[str] = []
    closed: list[str] = []
    newest = -1
    for number in (run for run in runs if run < len(story)):
        if number < newest:
            continue
        current = [i for i in known.values() if i.closed_day is None]
        change = apply_breaches(current, cell_breaches(*story[number]), day(number), limit=LIMIT)
        if number == newest:
            assert (change.opened, change.closed) == ((), ())
        newest = number
        opened += [i.incident_id for i in change.opened]
        closed += [i.incident_id for i in change.closed]
        known |= {i.incident_id: i for i in (*change.opened, *change.updated, *change.closed)}
        still = [i for i in known.values() if i.closed_day is None]
        scopes = [scope for i in still for scope in i.scopes]
        assert len(scopes) == len(set(scopes))
        assert {b.figure.scope for b in cell_breaches(*story[number])} <= set(scopes)
        assert len({i.cell.cause for i in still}) == len(still)
    assert len(opened) == len(set(opened))
    assert len(closed) == len(set(closed))
    assert set(closed) <= set(opened)


def open_one(*breaches: Breach) -> Incident:
    (incident,) = apply_breaches([], breaches, day(0), limit=LIMIT).opened
    return incident


def test_both_windows_and_all_scopes_of_one_cause_are_one_incident() -> None:
    scopes = [ACCOUNT, Scope("identity", "a"), Scope("configuration_set", "c"), Scope("isp", "Yahoo")]
    incident = open_one(*(breach(scope, "a", "Yahoo", window) for scope in scopes for window in (7, 1)))
    assert set(incident.scopes) == set(scopes)
    assert incident.window_days == 1
    assert incident.opening.share_of == ACCOUNT


def test_a_held_scope_whose_cell_shifts_opens_nothing() -> None:
    incident = open_one(breach(ACCOUNT, "a", "Yahoo"))
    change = apply_breaches([incident], [breach(ACCOUNT, "b", "Comcast")], day(1), limit=LIMIT)
    assert (change.opened, change.closed) == ((), ())
    assert change.updated[0].cell.cause == ("a", "Yahoo")


def test_it_does_not_close_on_a_day_that_breached_or_while_a_scope_is_undecided() -> None:
    incident = open_one(breach(ACCOUNT, "a", "Yahoo"))
    assert apply_breaches([incident], [], day(0), limit=LIMIT).closed == ()
    assert apply_breaches([incident], [], day(1), limit=LIMIT, undecided={ACCOUNT}).closed == ()
    (closed,) = apply_breaches([incident], [], day(1), limit=LIMIT).closed
    assert (closed.closed_day, closed.closed_mail) == (day(1), incidents.PENDING)


def test_the_peak_is_of_the_cause_while_open() -> None:
    incident = open_one(breach(ACCOUNT, "a", "Yahoo"))
    higher = refresh(incident, incident.figures, Cell("a", "Yahoo", 50, 1_000), day(1))
    lower = refresh(higher, incident.figures, Cell("a", "Yahoo", 1, 1_000), day(2))
    after = refresh(replace(lower, closed_day=day(3)), incident.figures, Cell("a", "Yahoo", 900, 1_000), day(3))
    assert (after.peak.complaints, after.peak_day, after.days) == (50, day(1), 3)


def test_the_cause_is_most_complaints_over_the_limit_not_the_highest_rate() -> None:
    cells = [Cell("a", "Yahoo", 90, 10_000), Cell("b", "Comcast", 4, 10), Cell(None, "Orange", 60, 50_000)]
    cell, share = find_cause(cells, LIMIT)
    assert cell.cause == ("a", "Yahoo")
    assert share == pytest.approx(60 / (60 + 3.97))


@pytest.mark.parametrize(
    ("complaints", "deliveries", "expected"),
    [(30, 10_000, False), (31, 10_000, True), (3, 999, True), (3, 1_000, False), (2, 10, False), (9, 0, False)],
)
def test_the_limit_itself_is_no_breach(complaints: int, deliveries: int, expected: bool) -> None:
    assert incidents.is_breach(Figure(ACCOUNT, 1, complaints, deliveries), LIMIT, 3) is expected


@pytest.mark.parametrize(
    ("share", "text"), [(0.0091, "0.91 %"), (0.003004, "0.3004 %"), (0.003, "0.30 %"), (0.0030000001, "0.30000 %")]
)
def test_a_rate_over_the_limit_never_reads_as_the_limit(share: float, text: str) -> None:
    assert mails.precise(share, LIMIT) == text
