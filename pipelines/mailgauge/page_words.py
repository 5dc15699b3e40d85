"""How a page puts figures into words; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.rates import NO_DATA, line_text, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from mailgauge.page_figures import Threshold
    from mailgauge.rates import Rate

UNNAMED = "not named"
"""A dimension that the events say nothing of."""

_TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times", 7: "seven times"}
_HALF = 0.3
_OVER = 1.7


def long_day(day: date) -> str:
    """A day as a person says it.

    >>> from datetime import date
    >>> long_day(date(2026, 11, 3))
    'Tuesday 3 November 2026'
    """
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """A day without its year.

    >>> from datetime import date
    >>> short_day(date(2026, 11, 3))
    '3 Nov'
    """
    return f"{day.day} {day:%b}"


def span_text(first: date, last: date) -> str:
    """Days from one to another.

    >>> from datetime import date
    >>> span_text(date(2026, 11, 3), date(2026, 11, 9)), span_text(date(2026, 10, 31), date(2026, 11, 9))
    ('3 to 9 Nov', '31 Oct to 9 Nov')
    """
    if first == last:
        return short_day(last)
    is_one_month = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if is_one_month else short_day(first)} to {short_day(last)}"


def points_text(points: float) -> str:
    """A difference of two shares in percentage points, with its sign.

    >>> points_text(0.0079), points_text(-0.021), points_text(0.00001)
    ('+0.79 pp', '−2.10 pp', '±0.00 pp')
    """
    sign = "+" if points > 0 else "\N{MINUS SIGN}"
    number = f"{abs(points) * 100:.2f}"
    return f"{'±' if float(number) == 0 else sign}{number} pp"


def interval_text(rate: Rate) -> str:
    """The 95 % interval of a rate.

    >>> from mailgauge.rates import Rate
    >>> interval_text(Rate(123, 13516)), interval_text(Rate(0, 0))
    ('0.76–1.08 %', 'no interval')
    """
    if rate.interval is None:
        return "no interval"
    low, high = rate.interval
    text = percent(low).removesuffix(" %")
    return f"{text}–{percent(high)}"


def counts_text(rate: Rate) -> str:
    """Numerator and denominator.

    >>> from mailgauge.rates import Rate
    >>> counts_text(Rate(12, 3400))
    '12 of 3,400'
    """
    return f"{rate.numerator:,} of {rate.denominator:,}"


def rate_text(rate: Rate) -> str:
    """A rate in a sentence."""
    return NO_DATA if rate.value is None else percent(rate.value)


def name_text(name: str | None) -> str:
    """The value of a dimension; strangers choose it, so it is cut to what a line can hold."""
    if name is None:
        return UNNAMED
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


_LONGEST = 120


def where_text(dimensions: Sequence[str], names: Sequence[str | None]) -> str:
    """A part of the mail as a label."""
    named = dict(zip(dimensions, names, strict=True))
    identity = name_text(named["identity"]) if named.get("identity") else "mail that names no identity"
    if "isp" in named:
        return f"{name_text(named['isp'])} for {identity}"
    if named.get("configuration_set"):
        return f"{identity} through {name_text(named['configuration_set'])}"
    return f"{identity} without a configuration set"


def compare_with_line(share: float, thresholds: Sequence[Threshold], alert: float) -> str:
    """How a complaint rate stands to the highest line that it reaches, as a clause; "" under all of them.

    >>> compare_with_line(0.0091, (), 0.003), compare_with_line(0.0035, (), 0.003)
    ('three times the 0.3 % line', 'over the 0.3 % line')
    """
    if share >= alert:
        times = share / alert
        whole = round(times)
        if times < _OVER:
            return f"over the {line_text(alert)} line"
        if abs(times - whole) <= _HALF:
            return f"{_TIMES.get(whole, f'{whole} times')} the {line_text(alert)} line"
        return f"{times:.1f} times the {line_text(alert)} line"
    reached = [line for line in thresholds if share >= line.share]
    if not reached:
        return ""
    line = max(reached, key=lambda one: one.share)
    return (
        f"over the {line_text(line.share)} line from which {line.name.replace('AWS reviews', 'AWS reviews accounts')}"
    )


def many_text(count: int, noun: str) -> str:
    """A count and its noun.

    >>> many_text(1, "object"), many_text(1200, "object")
    ('1 object', '1,200 objects')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def join_words(words: Sequence[str]) -> str:
    """A list in a sentence.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def turned_away_text(mail: Mapping[str, int]) -> str:
    """The mail that a finding about authentication concerns, and what was turned away for it; nothing for others."""
    if "rejected" not in mail:
        return ""
    turned = f"{mail['rejected']:,} were refused or delayed for it" if mail["rejected"] else "none was refused for it"
    before = f" ({mail['before']:,} in the seven days before)" if mail["rejected"] or mail["before"] else ""
    return (
        f"In seven days it concerns {many_text(mail['recipients'], 'recipient')}, {mail['enforcing']:,} of them at "
        f"providers that enforce rules for senders; {turned}{before}."
    )
