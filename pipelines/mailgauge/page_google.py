"""What Google says of the mail to Gmail, for the place where SES has no complaint; pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.page_words import short_day
from mailgauge.rates import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailgauge.page_figures import Figures

GMAIL = "Gmail"
_OLDEST = timedelta(days=3)
"""Google's numbers come a day or two late."""


def say_google(figures: Figures) -> str:
    """Google's spam rate of the newest day that it tells of, over all domains by what was delivered; or nothing."""
    rows = [row for row in figures.systems.get("google", ()) if row["google_spam_rate"] is not None]
    newest = max((row["day"] for row in rows if row["day"] <= figures.day), default=None)
    if newest is None or newest < figures.day - _OLDEST:
        return ""
    told = [row for row in rows if row["day"] == newest]
    weights = [_weigh(row) for row in told]
    rate = sum(row["google_spam_rate"] * weight for row, weight in zip(told, weights, strict=True)) / sum(weights)
    when = "" if newest == figures.day else f" of {short_day(newest)}"
    return f"{percent(rate)}{when}, Google's number"


def _weigh(row: Mapping[str, Any]) -> int:
    """A domain that SES delivered nothing of counts as one message, so that there is something to divide by."""
    return max(1, int(row["deliveries"]))
