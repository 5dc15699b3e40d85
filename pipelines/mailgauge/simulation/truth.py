"""The truth: what was decided, counted as `marts.daily` counts, without a look at what was written."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from mailgauge.simulation.provider import FEEDBACK_ISPS, PROVIDERS, SIMULATOR
from mailgauge.simulation.schedule import Request
from mailgauge.simulation.sender import ACCOUNT
from mailgauge.simulation.story import CAST, IDENTITY, IMPORT, ISP, import_days

COLUMNS = (
    "sends",
    "deliveries",
    "permanent_bounces",
    "transient_bounces",
    "undetermined_bounces",
    "suppressed",
    "auto_replies",
    "rejects",
    "delivery_delays",
    "complaints",
    "not_spam",
    "feedback_deliveries",
    "opens",
    "human_opens",
    "clicks",
    "human_clicks",
    "unsubscribes",
)
PLACE_OF = {column: place for place, column in enumerate(COLUMNS)}
DIMENSIONS = ("day", "account_id", "region", "identity", "configuration_set", "tenant", "isp")


@dataclass(slots=True)
class Tally:
    """Counts of recipients by day of sending, stream and provider, and of records by what they are."""

    cells: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    bad_records: int = 0

    def count(self, day: int, stream: int, provider: int, columns: Iterable[str]) -> None:
        """Count one recipient, at most once in each column."""
        if provider == SIMULATOR:
            return
        cell = self.cells.setdefault((day, stream, provider), [0] * len(COLUMNS))
        for column in columns:
            cell[PLACE_OF[column]] += 1

    def add(self, other: "Tally") -> None:
        """Take another part's counts in."""
        for key, counts in other.cells.items():
            own = self.cells.setdefault(key, [0] * len(COLUMNS))
            own[:] = [a + b for a, b in zip(own, counts, strict=True)]
        self.events += other.events
        self.duplicates += other.duplicates
        self.bad_records += other.bad_records

    @property
    def records(self) -> int:
        """Everything written: events, their duplicates and bad records."""
        return self.events.total() + self.duplicates + self.bad_records


def daily_rows(tally: Tally, request: Request) -> list[dict[str, Any]]:
    """The rows `marts.daily` must have; a row without any count is left out."""
    first = request.end - timedelta(days=request.days - 1)
    rows: dict[tuple[str | None, ...], list[int]] = {}
    for (day, number, provider), counts in tally.cells.items():
        stream, isp = CAST[number], PROVIDERS[provider].isp
        place = (stream.region, stream.identity, stream.configuration_set, stream.tenant, isp)
        row = rows.setdefault(((first + timedelta(days=day)).isoformat(), ACCOUNT, *place), [0] * len(COLUMNS))
        row[:] = [a + b for a, b in zip(row, counts, strict=True)]
    ordered = sorted(rows.items(), key=lambda item: tuple(part or "" for part in item[0]))
    return [
        dict(zip(DIMENSIONS, key, strict=True)) | dict(zip(COLUMNS, counts, strict=True))
        for key, counts in ordered
        if any(counts)
    ]


def _rates(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    sums = dict.fromkeys(COLUMNS, 0)
    for row in rows:
        for column in COLUMNS:
            sums[column] += row[column]
    sent = sums["sends"] - sums["suppressed"]
    return {
        **{name: sums[name] for name in ("sends", "suppressed", "deliveries", "feedback_deliveries", "complaints")},
        **{name: sums[name] for name in ("permanent_bounces", "transient_bounces", "delivery_delays")},
        "complaint_rate": sums["complaints"] / sums["feedback_deliveries"] if sums["feedback_deliveries"] else None,
        "permanent_bounce_rate": sums["permanent_bounces"] / sent if sent else None,
        "delivery_rate": sums["deliveries"] / sent if sent else None,
    }


def tell_story(daily: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    """Where the import went wrong, and the rates there before and during it, by day of sending."""
    length = import_days(request.days)
    days: list[date] = [request.end - timedelta(days=back) for back in reversed(range(length))]
    there = [row for row in daily if row["identity"] == IDENTITY and row["isp"] == ISP]
    return {
        "what": "a bought list was imported and mailed",
        "identity": IDENTITY,
        "isp": ISP,
        "region": IMPORT.region,
        "configuration_set": IMPORT.configuration_set,
        "tenant": IMPORT.tenant,
        "template": IMPORT.template,
        "days": [day.isoformat() for day in days],
        "before": _rates(row for row in there if row["day"] < days[0].isoformat()),
        "during": _rates(row for row in there if row["day"] >= days[0].isoformat()),
    }


def tell_truth(tally: Tally, request: Request, objects: int) -> dict[str, Any]:
    """The whole truth as it is written beside the dumps."""
    daily = daily_rows(tally, request)
    return {
        "request": {
            "messages": request.messages,
            "days": request.days,
            "seed": request.seed,
            "end": request.end.isoformat(),
        },
        "totals": {
            "messages": request.messages,
            "records": tally.records,
            "unique_events": tally.events.total(),
            "duplicate_records": tally.duplicates,
            "bad_records": tally.bad_records,
            "objects": objects,
            "events_by_type": dict(sorted(tally.events.items())),
        },
        "feedback_isps": list(FEEDBACK_ISPS),
        "story": tell_story(daily, request),
        "daily": daily,
    }
