"""Who opened and clicked: people and machines together, and by which sign a machine showed; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgauge.rates import percent

if TYPE_CHECKING:
    from mailgauge.page_figures import Figures


@dataclass(frozen=True, slots=True)
class Readers:
    """Recipients of the day's mail that nobody but a machine opened or clicked, by the sign that weighs most."""

    reason: str | None
    """None: a person did."""
    label: str | None
    opens: int
    clicks: int


@dataclass(frozen=True, slots=True)
class Machine:
    """A sign, and what it took from the opens and clicks."""

    name: str
    opens: int
    opens_share: str
    clicks: int
    clicks_share: str


@dataclass(frozen=True, slots=True)
class Machines:
    """Opens and clicks by people, and by machines for each reason; they sum to all."""

    sentence: str
    people: Machine
    rows: tuple[Machine, ...]
    whole: Machine


def make_machines(figures: Figures) -> Machines | None:
    """Who opened and clicked the mail of the day; None where nobody did."""
    if not figures.readers:
        return None
    opens, clicks = sum(one.opens for one in figures.readers), sum(one.clicks for one in figures.readers)

    def name(title: str, found: list[Readers]) -> Machine:
        opened, clicked = sum(one.opens for one in found), sum(one.clicks for one in found)
        return Machine(title, opened, _share(opened, opens), clicked, _share(clicked, clicks))

    people = name("People", [one for one in figures.readers if one.reason is None])
    rows = [name(one.label or one.reason, [one]) for one in figures.readers if one.reason]
    rows.sort(key=lambda row: (-row.opens - row.clicks, row.name))
    whole = name("All", list(figures.readers))
    said = [_say("opened", "opened it", people.opens, opens), _say("clicked", "clicked", people.clicks, clicks)]
    return Machines(" ".join(filter(None, said)), people, tuple(rows), whole)


def _say(what: str, did: str, people: int, whole: int) -> str:
    if not whole:
        return ""
    if people == whole:
        return f"All {whole:,} recipients who {what} did so in person."
    alone = f"for {whole - people:,} only a machine did"
    return f"Of {whole:,} recipients whose mail was {what}, {people:,} {did} in person; {alone}."


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else ""
