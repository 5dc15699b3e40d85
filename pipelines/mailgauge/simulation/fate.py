"""Which message meets which rare fate, spread so evenly that small samples show the rates they should."""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from mailgauge.simulation.provider import NUMBER_OF, PROVIDERS
from mailgauge.simulation.sender import Stream

CYCLE = 1000  # recipients' domains come round in this many messages, in exact shares
POINTS = 512

# Share of messages that meet each fate; where two fall on one message, the one named first wins.
RATES: Mapping[str, Mapping[str, float]] = {
    "complaint": {"": 0.0003},
    "reject": {"": 0.0002},
    "render_failure": {"": 0.0003},
    "simulator": {"": 0.0},
    "several": {"": 0.0},
    "not_spam": {"": 0.0002},
    "suppressed_complaint": {"": 0.0003},
    "unsubscribe": {"": 0.0025},
    "preference": {"": 0.001},
    "suppressed_account": {"": 0.002},
    "suppressed_tenant": {"": 0.001},
    "suppressed_validation": {"": 0.0008},
    "suppressed_global": {"": 0.0006},
    "no_email": {"": 0.0002},
    "later_bounce": {"": 0.0005},
    "too_large": {"": 0.0002},
    "content": {"": 0.0004},
    "attachment": {"": 0.0002},
    "timeout": {"": 0.0003},
    "unreachable": {"": 0.0005},
    "undetermined": {"": 0.0004},
    "blocked": {"": 0.0004},
    "expired": {"": 0.0008},
    "mailbox_full": {"": 0.0015},
    "auto_reply": {"": 0.001, "Other": 0.012},
    "permanent": {"": 0.004},
    "deferred": {"": 0.006, "Other": 0.012},
}
BAD_RECORD_RATE = 0.0005  # of messages; about 0.02 % of records
NEEDS_FEEDBACK = frozenset({"complaint", "not_spam", "suppressed_complaint"})
NEEDS_MARKETING = frozenset({"unsubscribe", "preference"})


def rate_of(stream: Stream, fate: str, isp: str) -> float:
    """The share of a stream's messages to one provider that meet a fate."""
    if fate in NEEDS_FEEDBACK and not PROVIDERS[NUMBER_OF[isp]].feedback:
        return 0.0
    if (fate in NEEDS_MARKETING and not stream.is_marketing) or (fate == "suppressed_tenant" and not stream.tenant):
        return 0.0
    rates = stream.rates.get(fate, RATES[fate])
    return rates.get(isp, rates[""])


@dataclass(frozen=True, slots=True)
class Draw:
    """Picks one message for each whole unit of weight gathered, as message numbers grow.

    A stratified draw: the count is never more than one away from what the rate says, and as each pick lies in the
    second half of its unit, a sample too small for its first pick has none, so no rate is ever more than doubled.
    """

    sums: tuple[float, ...]  # running weight over one cycle of messages
    points: tuple[float, ...]

    def weight_before(self, number: int) -> float:
        """The weight gathered by the messages before this one."""
        rounds, rest = divmod(number, len(self.sums))
        return rounds * self.sums[-1] + (self.sums[rest - 1] if rest else 0.0)

    def picks(self, first: int, stop: int) -> Iterator[int]:
        """Yield the numbers picked from `first` up to, not including, `stop`."""
        low, high = self.weight_before(first), self.weight_before(stop)
        for unit in range(math.floor(low), math.ceil(high)):
            place = unit + self.points[unit % POINTS]
            if low <= place < high:
                rounds, rest = divmod(place, self.sums[-1])
                yield min(max(int(rounds) * len(self.sums) + bisect_right(self.sums, rest), first), stop - 1)


def make_draw(weights: list[float], seed: str) -> Draw:
    """Make the draw for messages of these weights, one for each place in the cycle."""
    random = Random(seed)
    return Draw(tuple(accumulate(weights)), tuple(0.5 + random.random() / 2 for _ in range(POINTS)))


@dataclass(frozen=True, slots=True)
class Lots:
    """What is settled for a stream before anything is sent: who gets mail in which order, and whose fate is rare."""

    cycle: tuple[tuple[int, str], ...]  # provider's number and domain
    draws: tuple[tuple[str, Draw], ...]
    bad: Draw

    def fates(self, first: int, stop: int) -> dict[int, str]:
        """The fate of each message of a range that has one."""
        return {number: fate for fate, draw in reversed(self.draws) for number in draw.picks(first, stop)}


def _make_cycle(mix: Mapping[str, float], random: Random) -> list[tuple[int, str]]:
    bounds = [0.0, *accumulate(mix.values())]
    cycle = []
    for isp, low, high in zip(mix, bounds, bounds[1:], strict=False):
        provider = PROVIDERS[NUMBER_OF[isp]]
        places = round(high / bounds[-1] * CYCLE) - round(low / bounds[-1] * CYCLE)
        cycle += [(NUMBER_OF[isp], provider.domains[place % len(provider.domains)]) for place in range(places)]
    random.shuffle(cycle)
    return cycle


def make_lots(stream: Stream, seed: int) -> Lots:
    """Settle a stream's lots; the same seed settles them the same way in every process."""
    cycle = _make_cycle(stream.mix, Random(f"{seed}/{stream.name}"))
    draws = []
    for fate in RATES:
        weights = [rate_of(stream, fate, PROVIDERS[provider].isp) for provider, _ in cycle]
        if any(weights):
            draws.append((fate, make_draw(weights, f"{seed}/{stream.name}/{fate}")))
    return Lots(tuple(cycle), tuple(draws), make_draw([BAD_RECORD_RATE] * CYCLE, f"{seed}/{stream.name}/bad"))
