"""The page in a few lines of plain text, for Copy summary; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.page_words import counts_text, interval_text, long_day
from mailgauge.rates import TOO_FEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.page_figures import Figures
    from mailgauge.pages import Delta, FindingLine, Headline, Hero, Tile, Trust
    from mailgauge.rates import Rate

_MOST_FINDINGS = 5


def write_summary(  # noqa: PLR0913 (the parts of a page)
    figures: Figures,
    *,
    headline: Headline,
    hero: Hero | None,
    tiles: Sequence[Tile],
    findings: Sequence[FindingLine],
    trust: Trust,
) -> str:
    """Put the headline, the figures, the first findings and the state of the data into lines."""
    lines = [f"Deliverability on {long_day(figures.day)} (UTC, by day of sending)", ""]
    lines += [f"{headline.sentence}.", *headline.deck, ""]
    if hero:
        lines.append(_say_rate("Complaint", hero.text, hero.rate, hero.deltas))
    lines += [_say_rate(tile.label, tile.text, tile.rate, tile.deltas) for tile in tiles]
    lines += ["", f"Open findings: {len(findings)}"]
    lines += [f"- {one.impact}: {one.title} {one.so_what}" for one in findings[:_MOST_FINDINGS]]
    if figures.not_checked:
        lines += [f"Not checked: {len(figures.not_checked)}"]
    lines += ["", f"Data: {trust.line}", *trust.problems, *figures.banner]
    return "\n".join(lines) + "\n"


def _say_rate(label: str, text: str, rate: Rate | None, deltas: Sequence[Delta]) -> str:
    counts = ""
    if rate and rate.denominator:
        counts = f" ({counts_text(rate)}" + (")" if text == TOO_FEW else f", 95 % {interval_text(rate)})")
    earlier = "; ".join(f"{delta.since} {delta.before}{_say_tone(delta)}" for delta in deltas)
    return f"{label}: {text}{counts}; {earlier}"


def _say_tone(delta: Delta) -> str:
    said = {"bad": ", now worse", "good": ", now better", "noise": ", within the noise"}
    return said.get(delta.tone, f" ({delta.text})" if delta.text else "")
