"""The story: a bought list is imported and mailed in the last two days, and one provider takes it badly."""

from dataclasses import replace

from mailgauge.simulation.sender import BILLING, NEWSLETTER, ORDERS, PRODUCT, TRIALS, Stream

IDENTITY = NEWSLETTER.identity
ISP = "Yahoo"
IMPORT = replace(
    NEWSLETTER,
    name="import",
    subjects=("We have missed you: 30 % off", "A present for you"),
    template="winback-import",
    volume=1.45,  # of an ordinary day of the whole sender, on each day of the import
    hours=(0, 0, 0, 0, 0, 4, 9, 10, 10, 9, 7, 4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    weekdays=(1.0,) * 7,
    mix={"Yahoo": 62.0, "Gmail": 13.0, "Outlook": 10.0, "Apple": 4.0, "GMX": 5.0, "Orange": 3.0, "Libero": 3.0},
    opens=0.11,
    clicks=0.05,
    rates={
        "complaint": {"": 0.0008, ISP: 0.0092},
        "permanent": {"": 0.025, ISP: 0.08},
        "blocked": {"": 0.001, ISP: 0.02},
        "mailbox_full": {"": 0.003, ISP: 0.01},
        "deferred": {"": 0.012, ISP: 0.13},
        "expired": {"": 0.001, ISP: 0.04},
        "unsubscribe": {"": 0.006},
    },
)
# The ordinary newsletter of the same days leaves from the same domain: Yahoo holds that up, too.
NEWSLETTER_DURING = replace(
    NEWSLETTER,
    name="newsletter during the import",
    rates={**NEWSLETTER.rates, "deferred": {"": 0.006, ISP: 0.1}, "expired": {"": 0.0008, ISP: 0.02}},
)
CAST = (ORDERS, NEWSLETTER, PRODUCT, TRIALS, BILLING, NEWSLETTER_DURING, IMPORT)


def import_days(days: int) -> int:
    """How many of the last days the import takes: two, or one where there would be no calm day before it."""
    return min(2, max(1, days // 2))


def sends_on(stream: Stream, day: int, days: int) -> bool:
    """Whether a stream sends on a day, counted from 0."""
    is_import_day = day >= days - import_days(days)
    if stream is NEWSLETTER:
        return not is_import_day
    return is_import_day or stream not in (NEWSLETTER_DURING, IMPORT)
