"""The lines that a rate of mail may cross, and the finding that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailgauge.facts import NotCheckedError
from mailgauge.findings import Finding
from mailgauge.rates import TOO_FEW, line_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.facts import ProviderTraffic, Tally, Traffic

MINIMUM_EVENTS = 3
"""Fewer complaints or bounces than this say nothing, whatever their rate."""


@dataclass(frozen=True, slots=True)
class Line:
    """A share that should not be reached."""

    share: float
    impact: str
    meaning: str
    """Whose line it is and what happens there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a check of a rate holds it against, and what it advises."""

    check: str
    lines: tuple[Line, ...]
    remedy: str
    reference_urls: tuple[str, ...]


def find_crossed(tally: Tally, lines: Sequence[Line]) -> Line | None:
    """Return the highest of `lines` that the rate reaches; raises NotCheckedError on too few events to tell."""
    rate = tally.rate.value or 0.0
    crossed = max((line for line in lines if rate >= line.share), key=lambda line: line.share, default=None)
    if crossed and tally.numerator < MINIMUM_EVENTS:
        raise NotCheckedError(TOO_FEW)
    return crossed


def describe_crossing(facts: Traffic | ProviderTraffic, tally: Tally, line: Line) -> dict[str, Any]:
    """Return the evidence; `certain` says that the whole 95 % interval lies above the line."""
    low, high = tally.rate.interval or (None, None)
    evidence: dict[str, Any] = {
        "numerator": tally.numerator,
        "denominator": tally.denominator,
        "rate": tally.rate.value,
        "low": low,
        "high": high,
        "line": line.share,
        "line_meaning": line.meaning,
        "certain": low is not None and low > line.share,
        "first_day": facts.first_day.isoformat(),
        "last_day": facts.last_day.isoformat(),
    }
    if tally.most_from:
        part = tally.most_from
        evidence["most_from"] = {
            "dimension": part.dimension,
            "value": part.value,
            "numerator": part.numerator,
            "denominator": part.denominator,
        }
    return evidence


def name_resource(facts: Traffic) -> str:
    """The resource in a title, as in "provider Yahoo" or "identity shop.example"."""
    return f"{name_dimension(facts.dimension)} {facts.value}"


def name_dimension(dimension: str) -> str:
    """A dimension as a person says it: a mailbox provider is an `isp` in columns alone."""
    return "provider" if dimension == "isp" else dimension.replace("_", " ")


def name_source(tally: Tally) -> str:
    """Where most of it comes from, as a clause of a remedy."""
    part = tally.most_from
    if part is None:
        return ""
    where = f"{name_dimension(part.dimension)} {part.value}"
    return f"The largest part ({part.numerator} of {tally.numerator}) is of {where}. "


def judge_traffic(facts: Traffic, tally: Tally, limits: Limits) -> list[Finding]:
    """Return the finding about a rate over a line."""
    line = find_crossed(tally, limits.lines)
    if line is None:
        return []
    metric = limits.check.replace("_", " ")
    return [
        Finding(
            check=limits.check,
            resource=facts.resource,
            kind="rate",
            impact=line.impact,
            title=f"The {metric} of {name_resource(facts)} has reached {line_text(line.share)}.",
            evidence=describe_crossing(facts, tally, line),
            remedy=name_source(tally) + limits.remedy,
            reference_urls=limits.reference_urls,
        )
    ]
