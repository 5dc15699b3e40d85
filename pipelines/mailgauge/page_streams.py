"""Mail received and Mail Manager on a page: who it was for, what its checks said, what let it in; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgauge.page_sections import PlainRow, PlainSection, PlainTable, Share
from mailgauge.page_words import counts_text, join_words, long_day, many_text, name_text, rate_text
from mailgauge.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mailgauge.page_figures import Figures

CHECKS = ("spam", "virus", "spf", "dkim", "dmarc")
"""What SES checks of a message that it receives."""

_HEADS = ("Spam", "Virus", "SPF", "DKIM", "DMARC")

_MOST = 15
"""How many rows a table shows; the rest stands together."""


@dataclass(frozen=True, slots=True)
class Received:
    """Mail received for a domain, on the day and over the days of the trend."""

    domain: str | None
    count: int
    span: int
    failed: Mapping[str, Rate]
    """By check: failed, of what could be checked."""
    failed_span: Mapping[str, Rate]
    actions: Mapping[str, int]
    """Recipients on the day, by what a rule did."""


@dataclass(frozen=True, slots=True)
class Ingress:
    """What came to an ingress point: accepted messages, or the verdicts of one of its traffic policies."""

    name: str | None
    policy: str | None
    accepted: int
    accepted_span: int
    rejected: Rate
    """Recipients rejected, of all that the policy judged."""
    rejected_span: Rate


@dataclass(frozen=True, slots=True)
class Rule:
    """What one action of a rule did: failed, of all that ended."""

    rule_set: str | None
    rule: str | None
    action: str | None
    failed: Rate
    failed_span: Rate
    in_progress: int


def make_inbound(figures: Figures) -> PlainSection | None:
    """Mail received by domain; None where none was in the days of the trend."""
    if not figures.received:
        return None
    parts = sorted(figures.received, key=lambda one: (-one.count, -one.span, str(one.domain)))
    shown, rest = (parts, []) if len(parts) <= _MOST + 1 else (parts[:_MOST], parts[_MOST:])
    rows = [_make_received(figures, [one], name_text(one.domain), "named") for one in shown]
    if rest:
        rows.append(_make_received(figures, rest, f"{len(rest):,} smaller ones together", "rest"))
    rows.append(_make_received(figures, parts, "All domains", "total"))
    caption = (
        f"Recipients received for on {long_day(figures.day)}, and what failed of those that SES could check; "
        f"below it, the same over {figures.trend_days} days"
    )
    heads = ("Domain", "Received", *(f"{head} failed" for head in _HEADS))
    table = PlainTable(caption, heads, tuple(rows))
    return PlainSection("inbound", "Mail received", _say_received(figures, parts), (table,))


def _make_received(figures: Figures, parts: Sequence[Received], name: str, kind: str) -> PlainRow:
    shares = tuple(
        _make_share(figures, (one.failed[check] for one in parts), (one.failed_span[check] for one in parts))
        for check in CHECKS
    )
    return PlainRow(name, kind, (f"{sum(one.count for one in parts):,}",), shares)


def _make_share(figures: Figures, rates: Iterable[Rate], spans: Iterable[Rate]) -> Share:
    rate, span = _sum(rates), _sum(spans)
    counts = counts_text(rate) if rate.denominator else ""
    days = f"{figures.trend_days} days: {span.words(figures.minimum)}"
    return Share(rate.words(figures.minimum), counts, days, counts_text(span) if span.denominator else "")


def _sum(rates: Iterable[Rate]) -> Rate:
    listed = list(rates)
    return Rate(sum(rate.numerator for rate in listed), sum(rate.denominator for rate in listed))


def _say_received(figures: Figures, parts: Sequence[Received]) -> str:
    count = sum(one.count for one in parts)
    if not count:
        span = sum(one.span for one in parts)
        return f"Nothing was received on this day; {span:,} recipients over {figures.trend_days} days."
    totals: dict[str, int] = {}
    for one in parts:
        for word, many in one.actions.items():
            totals[word] = totals.get(word, 0) + many
    done = [f"{many:,} {word}" for word, many in totals.items() if many]
    said = f" Receipt rules did this with them: {join_words(done)}." if done else ""
    return f"Mail for {many_text(count, 'recipient')} was received on this day.{said}"


def make_mail_manager(figures: Figures) -> PlainSection | None:
    """What Mail Manager let in and did; None where it told nothing in the days of the trend."""
    tables = (*_make_ingress(figures), *_make_rules(figures))
    if not tables:
        return None
    rejected = _sum(one.rejected for one in figures.ingress)
    failed = _sum(one.failed for one in figures.rules)
    said = []
    if any(one.accepted_span for one in figures.ingress):
        accepted = many_text(sum(one.accepted for one in figures.ingress), "message")
        said.append(f"Ingress points accepted {accepted} on this day")
    if rejected.denominator:
        said.append(f"Traffic policies rejected {counts_text(rejected)} recipients ({rate_text(rejected)})")
    if failed.denominator:
        said.append(f"{counts_text(failed)} rule actions failed")
    sentence = ". ".join(said or ["Nothing was judged or done on this day"]) + "."
    return PlainSection("mail-manager", "Mail Manager", sentence, tables)


def _make_ingress(figures: Figures) -> tuple[PlainTable, ...]:
    rows: list[PlainRow] = []
    for name in sorted({one.name for one in figures.ingress}, key=str):
        parts = [one for one in figures.ingress if one.name == name]
        rows.append(_make_point(figures, name_text(name), "named", parts))
        rows += [_make_point(figures, f"policy {name_text(one.policy)}", "part", [one]) for one in parts if one.policy]
    caption = f"Messages accepted and recipients judged on {long_day(figures.day)}, by ingress point and traffic policy"
    heads = ("Ingress point", "Messages accepted", "Recipients let in", "Recipients rejected")
    return (PlainTable(caption, heads, tuple(rows)),) if rows else ()


def _make_point(figures: Figures, name: str, kind: str, parts: Sequence[Ingress]) -> PlainRow:
    rejected = _sum(one.rejected for one in parts)
    accepted = "" if kind == "part" else f"{sum(one.accepted for one in parts):,}"
    let_in = f"{rejected.denominator - rejected.numerator:,}"
    share = _make_share(figures, (one.rejected for one in parts), (one.rejected_span for one in parts))
    return PlainRow(name, kind, (accepted, let_in), (share,))


def _make_rules(figures: Figures) -> tuple[PlainTable, ...]:
    rules = sorted(
        figures.rules,
        key=lambda one: (-one.failed.numerator, -one.failed_span.numerator, str((one.rule_set, one.rule, one.action))),
    )
    shown, rest = (rules, []) if len(rules) <= _MOST + 1 else (rules[:_MOST], rules[_MOST:])
    rows = [_make_rule(figures, [one], _name_rule(one), "named") for one in shown]
    if rest:
        rows.append(_make_rule(figures, rest, f"{len(rest):,} others together", "rest"))
    caption = f"What rules did with messages on {long_day(figures.day)}: an action counts once a message, as it ended"
    heads = ("Rule and action", "Done", "In progress", "Failed")
    return (PlainTable(caption, heads, tuple(rows)),) if rows else ()


def _name_rule(one: Rule) -> str:
    return " · ".join(name_text(part) for part in (one.rule_set, one.rule, one.action))


def _make_rule(figures: Figures, parts: Sequence[Rule], name: str, kind: str) -> PlainRow:
    failed = _sum(one.failed for one in parts)
    share = _make_share(figures, (one.failed for one in parts), (one.failed_span for one in parts))
    counts = (f"{failed.denominator - failed.numerator:,}", f"{sum(one.in_progress for one in parts):,}")
    return PlainRow(name, kind, counts, (share,))
