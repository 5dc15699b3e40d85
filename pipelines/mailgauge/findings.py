"""Findings, and what becomes of them: seen, seen again, fixed, back again. Pure: the advisor reads and writes them."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

HIGH, LOW = "HIGH", "LOW"
OPEN, FIXED = "OPEN", "FIXED"

_HARMED = (
    "numerator", "rejected", "refused", "blocked", "after_opt_out", "after_complaint", "after_bounce",
    "suppressed", "rendering_failures",
)  # fmt: skip
"""What counts in the evidence as harm; who only waited longer is none."""
_OF_COMPLAINTS = ("complaint_rate", "isp_complaint_rate")
_COMPLAINT_WEIGHT = 20
"""AWS may pause an account at 0.5 % complaints and at 10 % bounces: it takes one complaint for as much as so many."""

TEXT_LIMIT = 500
"""How much of a stranger's text a finding holds, in characters."""


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""Text of a stranger, fit for a terminal and a page: nothing invisible or steering, and cut to `limit`.

    >>> plain("a\x1b[31mb"), plain("long", 3)
    ('a\\x1b[31mb', 'lo…')
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    shown = "".join(character if _is_visible(character) else _escape(character) for character in cut)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _is_visible(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in "CZ"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _plain_value(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): _plain_value(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(part) for part in value]
    return value


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check found wrong with a resource, and since when; its texts are made fit to show."""

    check: str
    resource: str
    kind: str
    """Which of the things that the check can say about the resource."""
    impact: str
    title: str
    evidence: dict[str, Any]
    """JSON."""
    remedy: str
    reference_urls: tuple[str, ...]
    status: str = OPEN
    day: date | None = None
    """The newest day it was judged for."""
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    fixed_at: datetime | None = None
    muted_until: datetime | None = None
    mute_reason: str | None = None
    regressed_at: datetime | None = None
    """When it came back after it was FIXED."""

    def __post_init__(self) -> None:
        remedy = "\n".join(plain(line, 4 * TEXT_LIMIT) for line in self.remedy.splitlines())
        made = {"evidence": _plain_value(self.evidence), "remedy": remedy}
        for name in ("resource", "kind", "title"):
            made[name] = plain(getattr(self, name))
        for name, value in made.items():
            object.__setattr__(self, name, value)

    @property
    def harmed(self) -> int:
        """Recipients to whom it happened: refused, bounced and so on, as far as counted; complaints weigh more."""
        told = self.evidence.get("mail", {}) | self.evidence
        count: int = sum(told[name] for name in _HARMED if isinstance(told.get(name), int))
        return count * _COMPLAINT_WEIGHT if self.check in _OF_COMPLAINTS else count

    @property
    def concerned(self) -> int:
        """All recipients of the mail that it is about."""
        return int(self.evidence.get("mail", {}).get("recipients", 0))

    def is_muted(self, now: datetime) -> bool:
        """Whether it is not to be shown."""
        return self.muted_until is not None and self.muted_until > now

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same finding in another run."""
        return self.check, self.resource, self.kind

    def as_dict(self) -> dict[str, Any]:
        """The finding for JSON; times are UTC in ISO 8601."""
        made = asdict(self) | {"reference_urls": list(self.reference_urls), "day": self.day and self.day.isoformat()}
        for name in ("first_seen_at", "last_seen_at", "fixed_at", "muted_until", "regressed_at"):
            made[name] = made[name] and f"{made[name].isoformat()}Z"
        return made


OPENED, WORSE, MILDER, MENDED, REGRESSED = "opened", "worse", "milder", "fixed", "regressed"
MUTED, UNMUTED = "muted", "unmuted"
"""What may happen to a finding."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happened to a finding."""

    finding: Finding
    """As it is since then."""
    happened: str
    happened_at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Merged:
    """The findings after a run."""

    findings: list[Finding] = field(default_factory=list)
    """All of them, FIXED ones too."""
    changed: list[Finding] = field(default_factory=list)
    """Those to write."""
    opened: int = 0
    """New, or back after being FIXED."""
    regressed: int = 0
    """Those of them that are back."""
    fixed: int = 0
    turns: list[Turn] = field(default_factory=list)
    """What happened to them."""


def merge_findings(
    stored: Iterable[Finding],
    seen: Iterable[Finding],
    checked: Collection[tuple[str, ...]],
    *,
    day: date,
    now: datetime,
) -> Merged:
    """Bring the `stored` findings up to date with what a run for `day` saw.

    `checked` holds what the run could judge, see is_judged: what is not in it stays as it is.
    """
    before = {finding.key: finding for finding in stored}
    after = dict(before)
    for finding in seen:
        if is_judged(finding, checked) and not _is_newer(before.get(finding.key), day):
            after[finding.key] = _see(before.get(finding.key), finding, day, now)
    for key, finding in before.items():
        is_gone = finding.status == OPEN and after[key] is finding and is_judged(finding, checked)
        if is_gone and not _is_newer(finding, day):
            after[key] = replace(finding, status=FIXED, day=day, fixed_at=now)
    changed = [finding for key, finding in after.items() if finding is not before.get(key)]
    happened = [(finding, _name_turn(before.get(finding.key), finding)) for finding in changed]
    names = [name for _, name in happened]
    return Merged(
        findings=sort_findings(after.values()),
        changed=changed,
        opened=names.count(OPENED) + names.count(REGRESSED),
        regressed=names.count(REGRESSED),
        fixed=names.count(MENDED),
        turns=[Turn(finding, name, now) for finding, name in happened if name],
    )


def is_judged(finding: Finding, checked: Collection[tuple[str, ...]]) -> bool:
    """Whether a run could judge it: by (check, resource), or by (check, resource, kind)."""
    return finding.key[:2] in checked or finding.key in checked


def _name_turn(before: Finding | None, after: Finding) -> str:
    if before is None:
        return OPENED
    if before.status != after.status:
        return MENDED if after.status == FIXED else REGRESSED
    if before.impact != after.impact:
        return WORSE if after.impact == HIGH else MILDER
    return ""


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Order them as a person works on them: HIGH first, then by what was harmed, by the mail concerned, and by name."""
    return sorted(findings, key=lambda one: (one.impact != HIGH, -one.harmed, -one.concerned, one.key))


def _see(before: Finding | None, finding: Finding, day: date, now: datetime) -> Finding:
    made = replace(finding, status=OPEN, day=day, first_seen_at=now, last_seen_at=now)
    if before is None:
        return made
    return replace(
        made,
        first_seen_at=before.first_seen_at,
        muted_until=before.muted_until,
        mute_reason=before.mute_reason,
        regressed_at=now if before.status == FIXED else before.regressed_at,
    )


def _is_newer(finding: Finding | None, day: date) -> bool:
    return finding is not None and finding.day is not None and finding.day > day
