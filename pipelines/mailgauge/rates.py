"""A rate never goes alone: its numerator, its denominator and its 95 % interval go with it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

NO_DATA = "no data"
TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class Rate:
    """`numerator` of `denominator` recipients."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The share, or None where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson score interval (Wilson 1927), or None where there is nothing to divide by.

        A numerator over its denominator (feedback on mail that the window does not hold) has no such interval.
        """
        n = self.denominator
        if n <= 0 or not 0 <= self.numerator <= n:
            return None
        p = self.numerator / n
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        reach = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def words(self, minimum: int = 1) -> str:
        """The rate as a person reads it; "no data" and "too few" are never 0 %."""
        if self.value is None:
            return NO_DATA
        return TOO_FEW if self.denominator < minimum else percent(self.value)


def percent(share: float) -> str:
    """A share as text: two decimals below 10 %, one above.

    >>> percent(0.00312), percent(0.984)
    ('0.31 %', '98.4 %')
    """
    return f"{share * 100:.{2 if abs(share) < 0.1 else 1}f} %"  # noqa: PLR2004 (10 %)


def line_text(share: float) -> str:
    """A threshold as text.

    >>> line_text(0.003), line_text(0.05)
    ('0.3 %', '5 %')
    """
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + " %"
