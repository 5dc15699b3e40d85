"""The findings of a page, ranked by impact and by the mail that they touch, each with a text to copy; pure."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from mailgauge.findings import HIGH, Finding, plain
from mailgauge.page_figures import DELIVERY, PERMANENT, Event, Figures, Part
from mailgauge.page_words import counts_text, interval_text, long_day, name_text, rate_text, span_text, turned_away_text
from mailgauge.pages import FindingLine
from mailgauge.rates import Rate, line_text, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ALSO = 5
"""How many other rates of the same cause are named."""

_COLUMNS = {"account": "account_id"}
"""Where the first word of a resource is not the name of the dimension."""


def make_findings(figures: Figures) -> tuple[FindingLine, ...]:
    """The findings as lines: HIGH first, then by how much mail of the day they touch; one line for one cause."""
    last = max((finding.last_seen_at for finding in figures.findings if finding.last_seen_at), default=None)
    groups = sorted(
        _group(figures),
        key=lambda group: (group[0].impact != HIGH, -_count_sends(figures, group[0]), group[0].key),
    )
    return tuple(
        _make_line(figures, first, others, is_stale=bool(last and first.last_seen_at and first.last_seen_at < last))
        for first, *others in groups
    )


def say_findings(findings: Sequence[FindingLine], not_checked: Sequence[str]) -> str:
    """The section in a sentence: no finding is good news only where everything was checked."""
    gap = f"{len(not_checked)} {'check was' if len(not_checked) == 1 else 'checks were'} not made, see below."
    if not findings:
        return f"Nothing found, but {gap}" if not_checked else "The advisor checked everything and found nothing."
    high = sum(one.impact == HIGH for one in findings)
    many = "one thing" if len(findings) == 1 else f"{len(findings)} things"
    ranked = f"{high} of high impact; what touches most mail stands first."
    said = f"{many.capitalize()} to fix when this page was made, {ranked}"
    return f"{said} {gap[0].upper()}{gap[1:]}" if not_checked else said


def _group(figures: Figures) -> list[list[Finding]]:
    """Findings about rates that count mostly the same events stand together, that with the highest rate first."""
    rated = [finding for finding in figures.findings if finding.evidence.get("rate") is not None]
    groups = [[finding] for finding in figures.findings if finding.evidence.get("rate") is None]
    heads: list[list[Finding]] = []
    for finding in sorted(rated, key=lambda one: (one.impact != HIGH, -one.evidence["rate"], one.key)):
        home = next((group for group in heads if _is_same_cause(figures, group[0], finding)), None)
        if home:
            home.append(finding)
        else:
            heads.append([finding])
    return heads + groups


def _is_same_cause(figures: Figures, first: Finding, other: Finding) -> bool:
    """Whether most of what the other counts is counted by the first, too."""
    if _name_rate(first) != _name_rate(other) or not other.evidence.get("numerator"):
        return False
    both = sum(
        event.count
        for event in figures.events
        if event.check == _name_rate(first) and all(_is_of(event, finding) for finding in (first, other))
    )
    return both * 2 > int(other.evidence["numerator"])


def _name_rate(finding: Finding) -> str:
    """The check of the rate by one dimension, for that by identity and provider, too."""
    return "complaint_rate" if finding.check == "isp_complaint_rate" else finding.check


def _is_of(event: Event, finding: Finding) -> bool:
    dimension, _, value = finding.resource.partition(":")
    name = event.names.get(_COLUMNS.get(dimension, dimension))
    if finding.check == "isp_complaint_rate" and plain(event.names.get("isp") or "") != finding.kind:
        return False
    return name is not None and plain(name) == value


def _make_line(figures: Figures, finding: Finding, others: Sequence[Finding], *, is_stale: bool) -> FindingLine:
    turned_away = turned_away_text(finding.evidence.get("mail", {}))
    so_what = " ".join(filter(None, (_say_evidence(finding.evidence), _say_mail(figures, finding), turned_away)))
    stale = f"Not checked again since {finding.last_seen_at:%Y-%m-%d}." if is_stale else ""
    also = tuple(_say_other(other) for other in others[:_ALSO])
    if len(others) > _ALSO:
        also += (f"{len(others) - _ALSO} more",)
    return FindingLine(
        title=finding.title,
        resource=finding.resource,
        impact=finding.impact,
        so_what=so_what,
        also=also,
        remedy=finding.remedy,
        brief=_write_brief(finding, so_what, also),
        references=tuple(url for url in finding.reference_urls if url.startswith("https://")),
        first_seen=f"{finding.first_seen_at:%Y-%m-%d}" if finding.first_seen_at else "",
        stale=stale,
    )


def _say_other(finding: Finding) -> str:
    dimension, _, value = finding.resource.partition(":")
    rate = Rate(finding.evidence["numerator"], finding.evidence["denominator"])
    word = "provider" if dimension == "isp" else dimension.replace("_", " ")
    at = f" at {finding.kind}" if finding.check == "isp_complaint_rate" else ""
    return f"{word} {name_text(value)}{at} {rate_text(rate)} ({counts_text(rate)})"


def _name_column(finding: Finding) -> str:
    dimension = finding.resource.partition(":")[0]
    return _COLUMNS.get(dimension, dimension)


def _find_part(figures: Figures, finding: Finding) -> Part | None:
    """The mail of the resource; a domain's finding touches the identities that are addresses in it, too."""
    dimension, _, value = finding.resource.partition(":")
    for part in figures.parts.get(_name_column(finding), ()):
        name = part.names[0]
        if name is not None and (name == value or (dimension == "identity" and name.endswith(f"@{value}"))):
            return part
    return None


def _count_sends(figures: Figures, finding: Finding) -> int:
    part = _find_part(figures, finding)
    return part.sends(figures.day) if part else 0


def _say_evidence(evidence: Mapping[str, Any]) -> str:
    """One sentence on what was seen: a rate with its counts and its line, what stands in DNS, or the check's own."""
    if isinstance(evidence.get("said"), str):
        return str(evidence["said"])
    if isinstance(evidence.get("numerator"), int) and isinstance(evidence.get("denominator"), int):
        return _say_rate(evidence)
    if not isinstance(evidence.get("name"), str):
        return ""
    records = [str(record) for record in evidence.get("records") or ()]
    found = f"holds {records[0]}" if len(records) == 1 else f"holds {len(records)} records" if records else "holds none"
    wrong = f" What is wrong: {evidence['error']}." if isinstance(evidence.get("error"), str) else ""
    return f"DNS at {evidence['name']} {found}.{wrong}"


def _say_rate(evidence: Mapping[str, Any]) -> str:
    rate = Rate(evidence["numerator"], evidence["denominator"])
    text = f"{rate_text(rate)} ({counts_text(rate)}"
    text += f"; 95 % interval {interval_text(rate)})" if rate.interval else ")"
    if evidence.get("first_day") and evidence.get("last_day"):
        days = (date.fromisoformat(str(evidence[name])) for name in ("first_day", "last_day"))
        text += f" from {span_text(*days)}"
    meaning = evidence.get("line_meaning")
    text += f". {meaning}." if meaning else "."
    if evidence.get("certain") is False and isinstance(evidence.get("line"), float):
        text += f" The interval reaches below {line_text(evidence['line'])}, so the true rate may lie under it."
    return text


def _say_mail(figures: Figures, finding: Finding) -> str:
    """The mail that the finding touches, for findings that are not about a rate themselves."""
    if "numerator" in finding.evidence or _name_column(finding) not in figures.parts:
        return ""
    part = _find_part(figures, finding)
    sends = part.sends(figures.day) if part else 0
    whole = figures.whole.sends(figures.day)
    if part is None or not sends or not whole:
        return f"No mail of it was sent on {long_day(figures.day)}."
    delivered, bounced = part.rate(DELIVERY, figures.day), part.rate(PERMANENT, figures.day)
    return (
        f"It touches {sends:,} recipients of this day, {percent(sends / whole)} of all: "
        f"{rate_text(delivered)} delivered, {rate_text(bounced)} bounced permanently."
    )


def _write_brief(finding: Finding, so_what: str, also: Sequence[str]) -> str:
    """What to hand to whoever fixes it."""
    lines = [
        f"# {finding.title}",
        "",
        f"Resource: {finding.resource}",
        f"Impact: {finding.impact}",
        f"Check: {finding.check}",
    ]
    if so_what:
        lines += ["", so_what]
    if also:
        lines += ["", f"The same events put over a line: {'; '.join(also)}."]
    lines += [
        "",
        "## Fix",
        "",
        finding.remedy,
        "",
        "## Evidence",
        "",
        json.dumps(finding.evidence, ensure_ascii=False, indent=2),
    ]
    if finding.reference_urls:
        lines += ["", "## References", "", *(f"- {url}" for url in finding.reference_urls)]
    return "\n".join(lines) + "\n"
