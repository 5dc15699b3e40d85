"""The sentence at the top of a page: which part of the mail changed, how far it is from a line, and why; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.changes import WATCHED, Change, Mover, list_movers
from mailgauge.page_figures import (
    COMPLAINT,
    DAY_BEFORE,
    DELIVERY,
    OVERALL,
    PERMANENT,
    USUAL,
    Figures,
    Metric,
)
from mailgauge.page_words import (
    compare_with_line,
    counts_text,
    interval_text,
    join_words,
    long_day,
    name_text,
    rate_text,
    short_day,
    span_text,
    where_text,
)
from mailgauge.pages import Headline
from mailgauge.rates import line_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.rates import Rate

AWS_BOUNCE_LINE = 0.05
"""AWS reviews an account from a bounce rate of 5 % (Amazon SES enforcement FAQ)."""

AWS_COMPLAINT_LINE = 0.001
"""And from a complaint rate of 0.1 %."""

_BURST = 1.5
"""From so many times the mail of the day it is compared with, the growth is named as a possible cause."""

_MAIN = 0.5
"""And one that makes so much of it is its main cause."""

_MOST = 0.25
"""A part that makes less of the whole's change does not explain it."""

_SUBJECT = 60
"""How much of a subject a sentence holds, in characters."""

_MULTIPLE = 10
"""From so many complaints it is said how many times the line they are."""

_WEIGHTY = 0.02
"""A change of less than this many scales of its metric leads no page."""


def write_headline(figures: Figures) -> Headline:
    """Find the part of the mail that matters most, and say so."""
    if not figures.whole.sends(figures.day):
        return _write_empty(figures)
    movers = list_movers(figures, figures.cells, ("identity", "isp"))
    leading = sorted(
        (mover for mover in movers if _urgency(figures, mover)),
        key=lambda mover: (-_urgency(figures, mover), -_excess(figures, mover), -mover.weight, str(mover.names)),
    )
    if not leading:
        return _write_calm(figures)
    return _write_many(figures, leading) or _write_lead(figures, leading[0], movers)


def _urgency(figures: Figures, mover: Mover) -> int:
    """0 leads no page; 3 is a complaint rate over the alert line, 2 one of AWS's lines, 1 any firm change for worse."""
    value = mover.after.value or 0.0
    is_worse = mover.is_firm and mover.is_bad and mover.weight >= _WEIGHTY
    if mover.metric is COMPLAINT:
        if mover.after.numerator < figures.min_complaints:
            return 0
        low, _ = mover.after.interval or (0.0, 1.0)
        if low >= figures.alert_line or (value >= figures.alert_line and is_worse):
            return 3
        return is_worse * (2 if value >= AWS_COMPLAINT_LINE else 1)
    return is_worse * (2 if mover.metric is PERMANENT and value >= AWS_BOUNCE_LINE else 1)


def _excess(figures: Figures, mover: Mover) -> float:
    """How many complaints it has over what the alert line allows: three at a small provider lead no page alone."""
    if mover.metric is not COMPLAINT:
        return 0.0
    return max(mover.after.numerator - figures.alert_line * mover.after.denominator, 0.0)


def _write_empty(figures: Figures) -> Headline:
    known = [day for day in figures.trend if figures.whole.sends(day)]
    deck = [
        f"The last day with mail before it is {long_day(known[-1])}."
        if known
        else "Nothing is known of the days before it, either."
    ]
    if figures.status.newest_event_at is None:
        deck.append("The warehouse holds no events: run `mailgauge ingest` and `mailgauge build`.")
    else:
        deck.append(f"The newest event that arrived is of {figures.status.newest_event_at:%Y-%m-%d %H:%M} UTC.")
    day = figures.day
    return Headline(f"No mail was sent on {day.day} {day:%B %Y}, as far as the events say", tuple(deck), "empty")


def _write_many(figures: Figures, leading: Sequence[Mover]) -> Headline | None:
    """All mail is over the alert line and no part explains it: then no part leads; else None."""
    rate, lead = figures.whole.rate(COMPLAINT, figures.day), leading[0]
    is_over = (rate.value or 0.0) >= figures.alert_line and rate.denominator >= figures.minimum
    if lead.metric is not COMPLAINT or not is_over or lead.after.numerator >= _MOST * rate.numerator:
        return None
    clause = compare_with_line(rate.value or 0.0, figures.thresholds, figures.alert_line)
    part = f"{where_text(lead.dimensions, lead.names)}, {rate_text(lead.after)} ({counts_text(lead.after)})"
    spread = f"They are spread over identities and providers; the part furthest over the line is {part}."
    deck = (_describe_whole(figures, rate), spread, _describe_moves(figures))
    return Headline(f"Complaints stand at {rate_text(rate)}: {clause}", deck, "bad")


def _write_lead(figures: Figures, lead: Mover, movers: Sequence[Mover]) -> Headline:
    identity, isp = lead.names
    whose = name_text(identity) if identity else "mail that names no identity"
    moved = f"{lead.metric.noun} at {name_text(isp)} {_verb(lead)} {rate_text(lead.after)}"
    sentence = f"{moved} for {whose}{_aside(figures, lead)}"
    deck = [
        _describe_figures(figures, lead),
        _describe_share(figures, lead),
        _describe_causes(figures, lead, movers),
    ]
    deck.append(_advise(lead, whose))
    is_bad = lead.metric is COMPLAINT and (lead.after.value or 0.0) >= figures.alert_line
    return Headline(
        sentence,
        tuple(text for text in deck if text),
        "bad" if is_bad else "warn",
        where_text(lead.dimensions, lead.names),
        lead.after if lead.metric is COMPLAINT else None,
    )


def _verb(lead: Mover) -> str:
    """Rose or fell since the day before; stands (out of the usual); is (as before)."""
    if not lead.compared:
        return "start at"
    is_risen = lead.is_firm_against(DAY_BEFORE) or (
        # The cell had too little mail the day before, but what it had since makes most of the whole's rise.
        lead.base == DAY_BEFORE and lead.is_firm_against(USUAL) and (lead.share or 0.0) >= _MAIN
    )
    one = "s" if lead.metric is DELIVERY else ""
    if is_risen:
        return "fell to" if (lead.change.points or 0.0) < 0 else "rose to"
    if any(firm for *_, firm in lead.compared):
        return f"stand{one} at"
    return "is at" if one else "are at"


def _aside(figures: Figures, lead: Mover) -> str:
    """What follows the colon: the line it passed, else where it came from."""
    if lead.metric is COMPLAINT:
        # A multiple of the line that a few complaints make is mostly chance.
        share = lead.after.value or 0.0
        told = min(share, figures.alert_line) if lead.after.numerator < _MULTIPLE else share
        clause = compare_with_line(told, figures.thresholds, figures.alert_line)
        return f": {clause}" if clause else ""
    if lead.metric is PERMANENT and (lead.after.value or 0.0) >= AWS_BOUNCE_LINE:
        return f": over the {line_text(AWS_BOUNCE_LINE)} from which AWS reviews accounts"
    before = lead.change.before
    when = "usually" if lead.base == USUAL else f"the {lead.base}"
    return f", from {rate_text(before)} {when}" if before.denominator else ""


def _describe_figures(figures: Figures, lead: Mover) -> str:
    text = f"{counts_text(lead.after)} {lead.metric.verb} there (95 % interval {interval_text(lead.after)})"
    if not lead.compared:
        return f"{text}; there was no such mail before."
    said = [
        f"{rate_text(rate)} ({counts_text(rate)}) {_say_when(figures, base)}"
        for base, rate, firm in lead.compared
        if firm
    ]
    alike = [
        f"{rate_text(rate)} ({counts_text(rate)}) {_say_when(figures, base)}"
        for base, rate, firm in lead.compared
        if not firm
    ]
    after = f", after {join_words(said)}" if said else ""
    noise = f" It is within the noise of {join_words(alike)}." if alike else ""
    return f"{text}{after}.{noise}"


def _say_when(figures: Figures, base: str) -> str:
    if base == USUAL:
        return f"from {span_text(figures.usual_since or figures.usual_until, figures.usual_until)}"
    return "on the day before" if base == DAY_BEFORE else f"on {figures.week_before:%A} a week before"


def _describe_share(figures: Figures, lead: Mover) -> str:
    """How much of the change of all mail it makes."""
    share = lead.share
    if share is None or share < _MOST or not lead.is_bad:
        return ""
    before = figures.rate_at(figures.whole, lead.metric, lead.base)
    whole = Change(before, figures.whole.rate(lead.metric, figures.day))
    move = "rise" if lead.whole_change > 0 else "fall"
    part = f"the whole {move}" if share > 1 else f"{share * 100:.0f} % of the {move}"
    text = (
        f"It explains {part} for all mail {_say_since(lead.base)}, "
        f"from {rate_text(whole.before)} to {rate_text(whole.after)}"
    )
    return f"{text}." if whole.is_firm else f"{text}, which is within the noise."


def _say_since(base: str) -> str:
    return "against the usual" if base == USUAL else f"since the {base}"


def _describe_causes(figures: Figures, lead: Mover, movers: Sequence[Mover]) -> str:
    """What moved with it: facts that point at a cause, not a claim to know it."""
    found = [
        _describe_volume(figures, lead),
        _describe_companion(lead, movers),
        _describe_set(figures, lead),
        _describe_subjects(figures, lead),
    ]
    said = " ".join(text for text in found if text)
    return f"What points at a cause: {said}" if said else ""


def _describe_volume(figures: Figures, lead: Mover) -> str:
    if not lead.sends_before or lead.sends / lead.sends_before < _BURST:
        return ""
    before = f"{lead.sends_before:,.0f}"
    if lead.base == USUAL:
        before += " a day usually"
    else:
        before += f" on {short_day(figures.day_before if lead.base == DAY_BEFORE else figures.week_before)}"
    times = lead.sends / lead.sends_before
    return f"{times:.1f} times as much mail went there, to {lead.sends:,} recipients after {before}."


def _describe_set(figures: Figures, lead: Mover) -> str:
    """Which configuration set of the identity carries the events."""
    sets = [part for part in figures.sets if part.names[0] == lead.names[0] and part.names[1] is not None]
    if len(sets) < 2 or lead.metric is DELIVERY:  # noqa: PLR2004 (where there is one set, it says nothing)
        return ""
    top = max(sets, key=lambda part: part.rate(lead.metric, figures.day).numerator)
    of = sum(part.rate(lead.metric, figures.day).numerator for part in figures.sets if part.names[0] == lead.names[0])
    count = top.rate(lead.metric, figures.day).numerator
    if not count or count * 2 < of:
        return ""
    many = f"All {of:,}" if count == of else f"{count:,} of the {of:,}"
    what = f"{lead.metric.noun.lower()} of that identity"
    return f"{many} {what} came through the configuration set {name_text(top.names[1])}."


def _describe_subjects(figures: Figures, lead: Mover) -> str:
    """The subjects that most of them are about."""
    if lead.metric is DELIVERY:
        return ""
    found = [
        (part.names[2], rate)
        for part in figures.subjects
        if part.names[:2] == lead.names and (rate := part.rate(lead.metric, figures.day)).numerator
    ]
    found = sorted(found, key=lambda one: -one[1].numerator)[:2]
    if sum(rate.numerator for _, rate in found) * 2 < lead.after.numerator:
        return ""
    said = [f"“{_cut(subject)}” ({_say_rate(figures, rate)})" for subject, rate in found]
    many = "The" if sum(rate.numerator for _, rate in found) == lead.after.numerator else "Most of the"
    subjects = "subject" if len(said) == 1 else "subjects"
    return f"{many} {lead.metric.noun.lower()} are of mail with the {subjects} {join_words(said)}."


def _say_rate(figures: Figures, rate: Rate) -> str:
    text = rate.words(figures.minimum)
    return f"{counts_text(rate)}, {text}" if text.endswith("%") else counts_text(rate)


def _cut(subject: str | None) -> str:
    text = name_text(subject)
    return text if len(text) <= _SUBJECT else text[: _SUBJECT - 1] + "…"


def _advise(lead: Mover, whose: str) -> str:
    """The first step, where it is plain."""
    where = f"the mail of {whose} to {name_text(lead.names[1])}"
    steps: dict[Metric, str] = {
        COMPLAINT: f"First step: hold {where} until you know which list or content changed, and take that out.",
        PERMANENT: f"First step: hold {where} and find out where its addresses come from.",
    }
    return steps.get(lead.metric, "First step: read the reasons under “Why mail bounced”.")


def _describe_companion(lead: Mover, movers: Sequence[Mover]) -> str:
    """Another metric of the same identity that got firmly worse."""
    others = [
        mover
        for mover in movers
        if mover.names[0] == lead.names[0]
        and mover.metric not in (lead.metric, DELIVERY)
        and mover.is_firm
        and mover.is_bad
    ]
    if not others:
        return ""
    other = max(others, key=lambda mover: mover.weight)
    where = f"of the same identity at {name_text(other.names[1])}"
    when = "usually" if other.base == USUAL else f"the {other.base}"
    before = f"{rate_text(other.change.before)} {when}"
    verb = "rose" if (other.change.points or 0.0) > 0 else "fell"
    return f"{other.metric.noun} {where} {verb} too, from {before} to {rate_text(other.after)}."


def _write_calm(figures: Figures) -> Headline:
    """No part of the mail stands out: say so with the figures of the whole."""
    rate = figures.whole.rate(COMPLAINT, figures.day)
    delivered = figures.whole.rate(DELIVERY, figures.day)
    if rate.value is None or rate.denominator < figures.minimum:
        return Headline(
            _write_unknown(figures, rate), (_describe_delivered(figures, delivered), _describe_moves(figures)), "empty"
        )
    clause = compare_with_line(rate.value, figures.thresholds, figures.alert_line)
    if clause:
        return Headline(
            f"Complaints stand at {rate_text(rate)}: {clause}",
            (_describe_whole(figures, rate), "No single identity and provider stands out.", _describe_moves(figures)),
            "bad" if rate.value >= figures.alert_line else "warn",
        )
    return _write_spread(figures) or Headline(
        f"A calm day: {f'{rate_text(rate)} complained, under every line' if rate.numerator else 'nobody complained'}",
        (_describe_whole(figures, rate), _describe_delivered(figures, delivered), _describe_moves(figures)),
        "calm",
    )


def _write_spread(figures: Figures) -> Headline | None:
    """The whole got firmly worse against both days, though no single part explains it; or None."""
    for metric in WATCHED:
        after = figures.whole.rate(metric, figures.day)
        days = (figures.day_before, figures.week_before)
        changes = [Change(figures.whole.rate(metric, day), after) for day in days]
        if all(change.is_firm and ((change.points or 0.0) > 0) != metric.is_good for change in changes):
            verb = "fell to" if metric.is_good else "rose to"
            before = f"from {rate_text(changes[0].before)} the day before"
            return Headline(
                f"{metric.noun} {verb} {rate_text(after)}, {before}, and no single part explains it",
                (
                    (
                        f"{counts_text(after)} {metric.of} (95 % interval {interval_text(after)}), "
                        f"after {rate_text(changes[1].before)} on {figures.week_before:%A} a week before."
                    ),
                    "It is spread over identities and providers; the tables below show each.",
                ),
                "warn",
            )
    return None


def _write_unknown(figures: Figures, rate: Rate) -> str:
    if rate.value is None:
        return "No complaint rate: no mail went to providers that report complaints"
    return f"Too few deliveries for a complaint rate: {rate.denominator:,} of the {figures.minimum:,} it takes"


def _describe_whole(figures: Figures, rate: Rate) -> str:
    before = figures.whole.rate(COMPLAINT, figures.day_before)
    earlier = f" The day before it was {rate_text(before)}." if before.denominator else ""
    overall = figures.whole.rate(OVERALL, figures.day)
    return (
        f"{counts_text(rate)} {COMPLAINT.of} complained (95 % interval {interval_text(rate)}); "
        f"over all deliveries that is {rate_text(overall)}.{earlier}"
    )


def _describe_delivered(figures: Figures, delivered: Rate) -> str:
    text = delivered.words(figures.minimum)
    return f"{f'{text}, ' if text.endswith('%') else ''}{counts_text(delivered)} recipients tried, were delivered."


def _describe_moves(figures: Figures) -> str:
    movers = list_movers(figures, figures.cells, ("identity", "isp"))
    if not movers:
        return "No identity has enough mail at one provider to compare with earlier days."
    said = []
    for verdict, is_bad in (("worse", True), ("better", False)):
        many = sum(mover.is_firm and mover.is_bad is is_bad for mover in movers)
        if many:
            said.append(f"{many} {'is' if many == 1 else 'are'} {verdict}")
    if not said:
        return f"None of {len(movers):,} rates of an identity at a provider moved beyond the noise."
    return f"Of {len(movers):,} rates of an identity at a provider, {join_words(said)} beyond the noise."
