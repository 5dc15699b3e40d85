"""What is behind Other: the recipient domains whose mailbox provider is not known, and their gateways; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgauge.page_words import many_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.page_figures import Figures

FEWEST = 3
"""A domain with fewer recipients may be one person's, and is not named."""

_MOST = 10
"""How many domains are named; the rest stands together."""


@dataclass(frozen=True, slots=True)
class OtherDomain:
    """Mail sent on the day to a domain, or to all that are not named (None)."""

    domain: str | None
    domains: int
    gateways: str
    sends: int
    deliveries: int
    permanent_bounces: int


@dataclass(frozen=True, slots=True)
class Others:
    """The recipient domains of Other, most mail first."""

    sentence: str
    rows: tuple[tuple[str, OtherDomain], ...]
    """Each with its name for people."""
    has_gateways: bool = False


def make_others(figures: Figures) -> Others | None:
    """The domains behind Other on the day; None where there are none."""
    if not figures.others:
        return None
    named = sorted((one for one in figures.others if one.domain), key=lambda one: (-one.sends, one.domain or ""))
    rest = [*named[_MOST:], *(one for one in figures.others if not one.domain)]
    rows = [(one.domain or "", one) for one in named[:_MOST]]
    if rest:
        together = _sum_domains(rest)
        rows.append((f"{many_text(together.domains, 'smaller domain')} together", together))
    whole = _sum_domains(figures.others)
    behind = sum(one.sends for one in figures.others if one.gateways)
    sentence = (
        f"Recipients at {many_text(whole.domains, 'domain')} whose mailbox provider nothing tells: "
        f"{whole.sends:,} were sent to"
        + (f", {behind:,} of them behind a security gateway that has a name." if behind else ".")
    )
    return Others(sentence, tuple(rows), has_gateways=any(one.gateways for one in figures.others))


def _sum_domains(found: Sequence[OtherDomain]) -> OtherDomain:
    return OtherDomain(
        domain=None,
        domains=sum(one.domains for one in found),
        gateways=", ".join(sorted({name for one in found for name in one.gateways.split(", ") if name})),
        sends=sum(one.sends for one in found),
        deliveries=sum(one.deliveries for one in found),
        permanent_bounces=sum(one.permanent_bounces for one in found),
    )
