"""What AWS says beside what we found, resource by resource; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgauge.page_words import many_text, name_text
from mailgauge.recommendations import AGREE, DISAGREE

if TYPE_CHECKING:
    from mailgauge.page_figures import Figures
    from mailgauge.recommendations import AwsFinding


_OURS = {AGREE: "our findings agree", DISAGREE: "we looked, and do not find it"}


@dataclass(frozen=True, slots=True)
class AwsLine:
    """One thing that AWS says."""

    text: str
    note: str
    """Its type and impact where AWS tells them, since when, and whether a finding of ours says the same."""


@dataclass(frozen=True, slots=True)
class AwsRow:
    """A resource: AWS's words, and the titles of our open findings on it."""

    resource: str
    aws: tuple[AwsLine, ...]
    ours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AwsWords:
    """All resources that AWS says something of."""

    sentence: str
    rows: tuple[AwsRow, ...]


def make_aws(figures: Figures) -> AwsWords | None:
    """AWS's words with ours beside them; None where AWS says nothing."""
    if not figures.aws:
        return None
    resources = sorted({one.resource for one in figures.aws})
    rows = tuple(
        AwsRow(
            _name(resource),
            tuple(_make_line(one) for one in figures.aws if one.resource == resource),
            tuple(finding.title for finding in figures.findings if finding.resource == resource),
        )
        for resource in resources
    )
    both = sum(bool(row.ours) for row in rows)
    only = len(rows) - both
    said = f"AWS tells of {many_text(len(figures.aws), 'open thing')} on {_many_resources(len(rows))}."
    beside = f" On {both:,} of them a finding of ours is open, too." if both else ""
    alone = f" On {only:,} only AWS says something." if both and only else "" if both else " Only AWS says so."
    return AwsWords(f"{said}{beside}{alone}", rows)


def _many_resources(count: int) -> str:
    return "one resource" if count == 1 else f"{count:,} resources"


def _name(resource: str) -> str:
    dimension, _, value = resource.partition(":")
    return f"{dimension} {name_text(value)}" if dimension in ("identity", "tenant") else name_text(resource)


def _make_line(one: AwsFinding) -> AwsLine:
    kind = "sending status" if one.kind == "sending_status" else one.finding_type
    notes = [
        kind,
        one.impact and f"{one.impact} impact",
        f"since {one.first_seen_at:%Y-%m-%d}",
        _OURS.get(one.agreement),
    ]
    return AwsLine(one.message, " · ".join(note for note in notes if note))
