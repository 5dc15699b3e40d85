"""What changed between two days, in which part of the mail, and whether it is more than noise; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailgauge.page_figures import (
    COMPLAINT,
    DAY_BEFORE,
    DELAYED,
    DELIVERY,
    NOTHING,
    PERMANENT,
    TRANSIENT,
    USUAL,
    WEEK_BEFORE,
    Figures,
    Metric,
    Part,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailgauge.rates import Rate

WATCHED = (COMPLAINT, PERMANENT, TRANSIENT, DELAYED, DELIVERY)
"""The metrics whose changes a page tells; opens and clicks move with the content, not with deliverability."""


@dataclass(frozen=True, slots=True)
class Change:
    """A rate and the one it is compared with."""

    before: Rate
    after: Rate

    @property
    def points(self) -> float | None:
        """The difference as a share (0.01 is one percentage point), or None where one of the two is missing."""
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def is_firm(self) -> bool:
        """Whether the two 95 % intervals lie apart; if not, the difference may be noise."""
        before, after = self.before.interval, self.after.interval
        return before is not None and after is not None and (after[0] > before[1] or after[1] < before[0])


@dataclass(frozen=True, slots=True)
class Mover:
    """A part of the mail whose rate moved, and how much of the whole's change it makes."""

    metric: Metric
    dimensions: tuple[str, ...]
    names: tuple[str | None, ...]
    after: Rate
    day_before: Rate
    week_before: Rate
    usual: Rate
    """Over the four weeks that end two days before."""
    base: str
    """What the contribution is measured from: the day before, the week before or the usual."""
    contribution: float
    """Its part of the change of the whole's rate, as a share; over all parts they add up to that change."""
    whole_change: float
    sends: int
    sends_before: float
    """On the base; a day's where that is the usual."""

    def rate_at(self, base: str) -> Rate:
        """What it is compared with."""
        return {DAY_BEFORE: self.day_before, WEEK_BEFORE: self.week_before, USUAL: self.usual}[base]

    @property
    def change(self) -> Change:
        """From its base to the day."""
        return Change(self.rate_at(self.base), self.after)

    @property
    def compared(self) -> list[tuple[str, Rate, bool]]:
        """With what it is compared, that rate, and whether the change is more than noise."""
        known = [(base, self.rate_at(base)) for base in (DAY_BEFORE, WEEK_BEFORE, USUAL)]
        return [(base, rate, Change(rate, self.after).is_firm) for base, rate in known if rate.interval is not None]

    def is_firm_against(self, what: str) -> bool:
        """Whether the change is more than noise against one of the things it is compared with."""
        return any(firm for name, _, firm in self.compared if name == what)

    @property
    def is_firm(self) -> bool:
        """More than noise against both days; or against the usual, where the week's rhythm does not explain it."""
        known = {base: firm for base, _, firm in self.compared}
        if known.pop(USUAL, False) and not self._is_rhythm:
            return True
        needed = (
            1 if self.usual.interval is None else 2
        )  # the usual is known and today is like it: both days must say so
        return len(known) >= needed and all(known.values())

    @property
    def _is_rhythm(self) -> bool:
        """Whether the same weekday a week before was as far from the usual."""
        was_apart = Change(self.usual, self.week_before).is_firm
        return was_apart and not Change(self.week_before, self.after).is_firm

    @property
    def is_bad(self) -> bool:
        """Whether it moved the wrong way."""
        return (self.contribution > 0) != self.metric.is_good

    @property
    def share(self) -> float | None:
        """Its share of the whole's change, or None where the whole moved too little or the other way."""
        if abs(self.whole_change) < self.metric.scale / 50 or self.contribution * self.whole_change <= 0:
            return None
        return self.contribution / self.whole_change

    @property
    def weight(self) -> float:
        """How much it matters, in scales of its metric."""
        return abs(self.contribution) / self.metric.scale


def contribute(part: Change, whole: Change) -> float:
    """How much of the whole's change the part makes.

    A part counts with what it had over the whole's old rate, so one that is simply average adds nothing however
    much it grew; over all parts the contributions add up to the change of the whole.
    """
    if not whole.before.denominator or not whole.after.denominator:
        return 0.0
    usual = whole.before.numerator / whole.before.denominator
    after = (part.after.numerator - usual * part.after.denominator) / whole.after.denominator
    before = (part.before.numerator - usual * part.before.denominator) / whole.before.denominator
    return after - before


def list_movers(figures: Figures, parts: Iterable[Part], dimensions: tuple[str, ...]) -> list[Mover]:
    """Every part with enough mail on the day, once per watched metric; those that matter most stand first.

    Firm changes go before noise; what merely follows the week's rhythm (a newsletter on Tuesdays) is none.
    """
    movers = [
        mover
        for part in parts
        for metric in WATCHED
        if part.rate(metric, figures.day).denominator >= figures.minimum
        and (mover := _make_mover(figures, part, metric, dimensions))
    ]
    return sorted(movers, key=lambda mover: (not mover.is_firm, -mover.weight, str(mover.names), mover.metric.name))


def _make_mover(figures: Figures, part: Part, metric: Metric, dimensions: tuple[str, ...]) -> Mover | None:
    whole = figures.whole
    bases = [base for base in (DAY_BEFORE, WEEK_BEFORE, USUAL) if figures.rate_at(whole, metric, base).denominator]
    if not bases:
        return None
    base = _choose_base(figures, part, metric, bases)
    after = part.rate(metric, figures.day)
    of_whole = Change(figures.rate_at(whole, metric, base), whole.rate(metric, figures.day))
    return Mover(
        metric=metric,
        dimensions=dimensions,
        names=part.names,
        after=after,
        day_before=part.rate(metric, figures.day_before),
        week_before=part.rate(metric, figures.week_before),
        usual=part.usual.get(metric.name, NOTHING),
        base=base,
        contribution=contribute(Change(figures.rate_at(part, metric, base), after), of_whole),
        whole_change=of_whole.points or 0.0,
        sends=part.sends(figures.day),
        sends_before=part.usual_sends if base == USUAL else float(part.sends(figures.bases[base])),
    )


def _choose_base(figures: Figures, part: Part, metric: Metric, bases: list[str]) -> str:
    """What to tell a change from: the first against which the part moved firmly, else the whole did."""
    for one in (part, figures.whole):
        for base in bases:
            if Change(figures.rate_at(one, metric, base), one.rate(metric, figures.day)).is_firm:
                return base
    return bases[0]
