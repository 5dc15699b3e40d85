"""The profile of a warehouse: figures that say whether it can be trusted, and what is expected of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal

from mailgauge import paths

if TYPE_CHECKING:
    from datetime import date

    from mailgauge.settings import GateSettings
    from mailgauge.warehouse import Warehouse

REBUILD = "run `mailgauge build --full`, and report it if it comes back"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A figure of the profile, the range it must lie in, and what to say when it does not."""

    column: str
    severity: Literal["critical", "warning"]
    sentence: str
    """What is wrong, why it matters, what to do; with {observed}."""
    low: float | None = None
    high: float | None = None


def read_profile(lake: Warehouse, *, day: date, now: datetime) -> dict[str, Any]:
    """The figures of every file of sql/gate, for a report on `day`; None where there is nothing to judge."""
    day_end = datetime.combine(day, time()) + timedelta(days=1)
    seen = lake.value("select max(seen_row) from advisor.validations where is_passed")
    variables = {
        "gate_day": day,
        "gate_day_end": day_end,
        "gate_now": now,
        "gate_seen_row": -1 if seen is None else seen,
    }
    for name, value in variables.items():
        lake.execute(f"set variable {name} = ?", [value])
    profile: dict[str, Any] = {}
    for file in sorted((paths.SQL / "gate").glob("*.sql")):
        profile |= lake.rows(file.read_text(encoding="utf-8"))[0]
    return profile


def list_expectations(settings: GateSettings) -> list[Expectation]:
    """All expectations, the critical ones first."""
    critical = [Expectation(column, "critical", sentence, high=0) for column, sentence in _CRITICAL.items()]
    suspicious = [Expectation(column, "warning", sentence, high=0) for column, sentence in _SUSPICIOUS.items()]
    return [*critical, *suspicious, *_list_limits(settings)]


_CRITICAL = {
    "repeated_events": "{observed:,} rows of raw.events repeat an event, so that it counts more than once: take them "
    "out, then run `mailgauge build --full`.",
    "incomplete_events": "{observed:,} events lack a type, a message id or a time, so that they belong to no message: "
    "take them out, then run `mailgauge build --full`.",
    "ancient_events": "{observed:,} events happened before Amazon SES existed (2011), so that their days are wrong: "
    "take them out, then run `mailgauge build --full`.",
    "unknown_types": "{observed:,} events are of a type that SES does not have and count as nothing: was the warehouse "
    "written by something else?",
    "unbalanced_objects": "Of {observed:,} objects the records are not loaded + duplicates + quarantined, so that some "
    "are lost or counted twice: ingest these objects again into a new warehouse and compare.",
    "unaccounted_quarantine": "The ledger and raw.quarantine differ by {observed:,} records, so that bad records are "
    "lost or kept twice: was raw.quarantine changed by hand?",
    "unbuilt_objects": "{observed:,} objects were loaded over an hour ago and are in no figure: run `mailgauge build`.",
    "unattributed_rows": "{observed:,} rows of marts.outcomes or marts.daily have no mailbox provider or no day, so "
    f"that the parts do not sum to the whole: {REBUILD}.",
    "outcome_differences": "marts.daily counts {observed:,} recipients otherwise than marts.outcomes holds them, so "
    f"that rates are wrong: {REBUILD}.",
    "hourly_differences": "marts.hourly and marts.daily differ by {observed:,} recipients, so that one of them is "
    f"wrong: {REBUILD}.",
    "event_day_differences": "marts.daily_by_event_day and marts.daily differ by {observed:,} recipients, so that one "
    f"of them is wrong: {REBUILD}.",
    "impossible_rows": "{observed:,} rows of marts.daily hold a part greater than its whole, or less than nothing, so "
    f"that rates are out of range: {REBUILD}.",
}

_SUSPICIOUS = {
    "failed_objects": "{observed:,} objects could not be read and are missing from every figure: see `mailgauge "
    "status`; they are tried again at every ingest.",
    "waiting_objects": "{observed:,} objects were just loaded and are in no figure yet: the next build brings them.",
    "future_events": "{observed:,} events lie more than a day in the future and count on days to come: is a clock "
    "wrong?",
    "days_over_one": "On {observed:,} days of the last 31 there is more feedback than mail to have caused it, so that "
    "rates exceed 100 %: are dumps missing, or does a configuration set not publish Send or Delivery?",
}


def _list_limits(settings: GateSettings) -> list[Expectation]:
    """The warnings whose lines a person draws, and that there is something to judge at all."""
    return [
        Expectation("events", "warning", "There is no event in the warehouse: check `sources`.", low=1),
        Expectation(
            "quarantined_share",
            "warning",
            "{observed:.1%} of the records loaded since the day began are quarantined and in no figure: see "
            "`mailgauge status` for the reasons.",
            high=settings.max_quarantined_share,
        ),
        Expectation(
            "duplicate_share",
            "warning",
            "{observed:.1%} of the records loaded since the day began are duplicates, which count once: is a stream "
            "delivered twice?",
            high=settings.max_duplicate_share,
        ),
        Expectation(
            "sends_unseen_share",
            "warning",
            "{observed:.1%} of the recipients of the last 31 days have feedback but no Send event, so that rates are "
            "too high: does every configuration set publish Send?",
            high=settings.max_sends_unseen_share,
        ),
        Expectation(
            "volume_share",
            "warning",
            "The day's sends are {observed:.0%} of what this weekday usually has, so that its rates may not be "
            "typical: are dumps missing?",
            low=settings.min_volume_share,
        ),
        Expectation(
            "age_hours",
            "warning",
            "The newest event is {observed:,.0f} hours older than the end of the day, so that the day is not whole: "
            "are dumps missing?",
            high=settings.max_age_hours,
        ),
    ]
