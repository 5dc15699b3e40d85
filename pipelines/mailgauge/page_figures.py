"""The counts that a page is made from, as they were read: rates of mail by day, whole and in parts; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mailgauge.findings import Finding
    from mailgauge.page_machines import Readers
    from mailgauge.page_others import OtherDomain
    from mailgauge.page_streams import Ingress, Received, Rule
    from mailgauge.recommendations import AwsFinding
    from mailgauge.status import Status

NOTHING = Rate(0, 0)

DAY_BEFORE, WEEK_BEFORE, USUAL = "day before", "week before", "usual"
"""What a day is compared with; the usual is that of the four weeks that end two days before it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """How a page speaks of a metric of sql/metrics."""

    name: str
    label: str
    noun: str
    """As the subject of a sentence."""
    verb: str
    """What its recipients did, as in "12 of 900 complained"."""
    of: str
    """What its denominator counts."""
    is_good: bool
    """Whether more of it is better."""
    scale: float
    """A change by so much matters as much as one by another metric's scale: it makes changes comparable."""


COMPLAINT = Metric(
    "complaint_rate",
    "Complaint",
    "Complaints",
    "complained",
    "deliveries to providers that report complaints",
    is_good=False,
    scale=0.001,
)
PERMANENT = Metric(
    "permanent_bounce_rate",
    "Permanent bounce",
    "Permanent bounces",
    "bounced permanently",
    "recipients tried",
    is_good=False,
    scale=0.02,
)
TRANSIENT = Metric(
    "transient_bounce_rate",
    "Transient bounce",
    "Transient bounces",
    "were given up after temporary errors",
    "recipients tried",
    is_good=False,
    scale=0.05,
)
DELIVERY = Metric(
    "delivery_rate", "Delivery", "Delivery", "were delivered", "recipients tried", is_good=True, scale=0.05
)
OPEN = Metric("open_rate", "Open", "Opens", "opened", "deliveries", is_good=True, scale=0.1)
CLICK = Metric("click_rate", "Click", "Clicks", "clicked", "deliveries", is_good=True, scale=0.1)
SUPPRESSED = Metric(
    "suppressed_share", "Suppressed", "Suppressed", "were kept back", "recipients sent to", is_good=False, scale=0.05
)
OVERALL = Metric(
    "overall_complaint_rate",
    "Complaint over all deliveries",
    "Complaints",
    "complained",
    "deliveries",
    is_good=False,
    scale=0.001,
)
DELAYED = Metric(
    "delivery_delay_rate",
    "Delayed",
    "Delays",
    "were delayed at least once",
    "recipients tried",
    is_good=False,
    scale=0.1,
)
METRICS = (DELIVERY, PERMANENT, TRANSIENT, DELAYED, COMPLAINT, OVERALL, OPEN, CLICK, SUPPRESSED)
"""All that a page reads; suppressed_share has the number of sends as its denominator."""

DIMENSIONS = {
    "isp": "Provider",
    "identity": "Identity",
    "configuration_set": "Configuration set",
    "tenant": "Tenant",
    "account_id": "Account",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the mail, by day: all of it where `names` is empty, else that of one value of each dimension."""

    names: tuple[str | None, ...] = ()
    days: Mapping[date, Mapping[str, Rate]] = field(default_factory=dict)
    usual: Mapping[str, Rate] = field(default_factory=dict)
    """Its rates over the four weeks that end two days before the page's day: one day is often too thin to compare."""
    usual_days: int = 0
    """Over how many of those days mail is known at all: sends are told a day."""

    def rate(self, metric: Metric, day: date) -> Rate:
        """The rate on a day; 0 of 0 where there was no mail."""
        return self.days.get(day, {}).get(metric.name, NOTHING)

    def sends(self, day: date) -> int:
        """How many recipients were sent to on a day."""
        return self.rate(SUPPRESSED, day).denominator

    @property
    def usual_sends(self) -> float:
        """How many recipients a day were sent to in the usual days."""
        return self.usual.get(SUPPRESSED.name, NOTHING).denominator / self.usual_days if self.usual_days else 0.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line that a complaint rate should stay under."""

    share: float
    name: str


@dataclass(frozen=True, slots=True)
class Window:
    """Complaints by the day they came: of the whole, or of one identity at one provider."""

    days: int
    names: tuple[str | None, ...]
    rate: Rate


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An alert that is not over."""

    identity: str | None
    isp: str
    opened_day: date
    peak_day: date
    peak: Rate


@dataclass(frozen=True, slots=True)
class Bounces:
    """Recipients that bounced on a day for one reason at one provider, and how many the day before."""

    reason: str
    kind: str
    """permanent, transient or undetermined."""
    isp: str
    meaning: str
    remedy: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class UnknownText:
    """What receivers answered, masked, in words that no rule knows."""

    response: str
    events: int
    isp: str


@dataclass(frozen=True, slots=True)
class Event:
    """How many complaints or permanent bounces of a week one combination of the dimensions had."""

    check: str
    names: Mapping[str, str | None]
    """By column."""
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything read for the page of one day."""

    day: date
    made_at: datetime
    trend_days: int
    minimum: int
    """Below this denominator a rate is "too few"."""
    min_complaints: int
    alert_line: float
    whole: Part
    parts: Mapping[str, tuple[Part, ...]]
    """By dimension."""
    cells: tuple[Part, ...]
    """By identity and provider."""
    sets: tuple[Part, ...]
    """By identity and configuration set."""
    subjects: tuple[Part, ...]
    """By identity, provider and subject, those of the day that brought complaints or bounces."""
    bounces: tuple[Bounces, ...]
    unknown_texts: tuple[UnknownText, ...]
    """Of the week up to the day, most frequent first."""
    events: tuple[Event, ...]
    """What the findings about rates count, so that those with one cause are told together."""
    usual_since: date | None
    """The first day with mail among those that make the usual."""
    human: Mapping[str, Rate]
    """Opens and clicks without those of machines, by metric name."""
    windows: tuple[Window, ...]
    incidents: tuple[OpenIncident, ...]
    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]
    status: Status
    banner: tuple[str, ...]
    unseen: Rate = NOTHING
    """Recipients of mail sent on the day whose feedback was seen and their Send never, of all."""
    unseen_month: Rate = NOTHING
    """The same over the 31 days that end with the day, which the gate judges."""
    aws: tuple[AwsFinding, ...] = ()
    """What AWS itself says now."""
    received: tuple[Received, ...] = ()
    """By recipient domain."""
    ingress: tuple[Ingress, ...] = ()
    rules: tuple[Rule, ...] = ()
    others: tuple[OtherDomain, ...] = ()
    """The recipient domains of Other."""
    readers: tuple[Readers, ...] = ()
    """Who opened and clicked."""
    systems: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """The rows of sql/systems at the end of the day, by name; of `ip_days` those in `pools`."""
    pools: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def day_before(self) -> date:
        """What a change is measured from first."""
        return self.day - timedelta(days=1)

    @property
    def week_before(self) -> date:
        """The same weekday of the week before."""
        return self.day - timedelta(days=7)

    @property
    def bases(self) -> dict[str, date]:
        """The days that a change is measured from."""
        return {DAY_BEFORE: self.day_before, WEEK_BEFORE: self.week_before}

    @property
    def usual_until(self) -> date:
        """The last of the days that make the usual."""
        return self.day - timedelta(days=2)

    def rate_at(self, part: Part, metric: Metric, base: str) -> Rate:
        """The rate of a part on the day that `base` names, or its usual one."""
        return part.usual.get(metric.name, NOTHING) if base == USUAL else part.rate(metric, self.bases[base])

    @property
    def trend(self) -> list[date]:
        """The days of the trend, oldest first; it begins with the first mail where that leaves a week at least."""
        span = [self.day - timedelta(days=back) for back in reversed(range(self.trend_days))]
        first = next((at for at, day in enumerate(span) if self.whole.sends(day)), 0)
        return span[min(first, max(len(span) - 7, 0)) :]

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The lines of a complaint rate, lowest first; AWS's are in its SES FAQ, the alert line is a setting."""
        lines = [
            Threshold(0.001, "AWS reviews"),
            Threshold(0.005, "AWS may pause"),
            Threshold(self.alert_line, "alert"),
        ]
        return tuple(sorted(lines, key=lambda line: line.share))


def make_part(names: tuple[str | None, ...], rows: list[dict[str, Any]]) -> Part:
    """The part that rows of counts make: `day`, and `<metric>_n` and `<metric>_d` for each metric read."""
    return Part(names, {row["day"]: make_rates(row) for row in rows})


def make_rates(row: dict[str, Any]) -> dict[str, Rate]:
    """The rates of one row of counts, by metric name."""
    return {
        metric.name: Rate(row[f"{metric.name}_n"] or 0, row[f"{metric.name}_d"] or 0)
        for metric in METRICS
        if f"{metric.name}_n" in row
    }
