"""Why mail bounced: the reasons in plain words, how often, and at which providers; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgauge.page_words import join_words, name_text
from mailgauge.rates import percent

if TYPE_CHECKING:
    from mailgauge.page_figures import Bounces, Figures, UnknownText

_MOST = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """Why mail bounced, and how often."""

    name: str
    kind: str
    remedy: str
    count: int
    share: str
    """Of all that bounced."""
    before: int
    """On the day before."""
    most: str
    """The providers with most of it."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why mail bounced on the day, most frequent first."""

    sentence: str
    rows: tuple[Reason, ...]
    unknown: tuple[UnknownText, ...]
    """What receivers said that no rule knows yet, in the mail of a week."""


def make_reasons(figures: Figures) -> Reasons | None:
    """The reasons of the day, most frequent first; None where nothing bounced on this day or the one before."""
    groups: dict[tuple[str, str], list[Bounces]] = {}
    for one in figures.bounces:
        groups.setdefault((one.reason, one.kind), []).append(one)
    if not groups:
        return None
    whole = sum(one.count for one in figures.bounces)
    rows = [_make_reason(kind, found, whole) for (_, kind), found in groups.items()]
    rows.sort(key=lambda row: (-row.count, -row.before, row.name, row.kind))
    return Reasons(_say_most(rows, whole), tuple(rows), figures.unknown_texts)


def _make_reason(kind: str, found: list[Bounces], whole: int) -> Reason:
    count = sum(one.count for one in found)
    top = sorted((one for one in found if one.count), key=lambda one: (-one.count, one.isp))[:_MOST]
    return Reason(
        name=found[0].meaning,
        kind=kind,
        remedy=found[0].remedy,
        count=count,
        share=percent(count / whole) if whole else "",
        before=sum(one.before for one in found),
        most=", ".join(f"{name_text(one.isp)} {one.count:,}" for one in top),
    )


def _say_most(rows: list[Reason], whole: int) -> str:
    if not whole:
        return "Nothing bounced on this day."
    kinds: dict[str, int] = {}
    for row in rows:
        kinds[row.kind] = kinds.get(row.kind, 0) + row.count
    said = join_words([f"{count:,} {_KINDS[kind]}" for kind, count in kinds.items() if count])
    return f"{whole:,} recipients bounced: {said}. Most often: {rows[0].name.lower()}, {rows[0].count:,} of {whole:,}."


_KINDS = {
    "permanent": "permanently",
    "transient": "after temporary errors",
    "undetermined": "in a way that SES could not tell",
}
