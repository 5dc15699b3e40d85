"""Incidents: what breaches the limit, which breaches have one cause, and when it is over; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from mailgauge.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime

PENDING = "pending"
SENT = "sent"
DROPPED = "dropped"

ORDER = ("identity", "isp", "configuration_set", "tenant", "account_id")
"""Dimensions from the narrow to the wide: a narrow scope names the cause best, so it is placed first."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """All mail of one value of one dimension."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True)
class Figure:
    """The complaint rate of a scope over a window of days."""

    scope: Scope
    window_days: int
    complaints: int
    deliveries: int

    @property
    def rate(self) -> Rate:
        """Complaints of deliveries to providers that report them."""
        return Rate(self.complaints, self.deliveries)


@dataclass(frozen=True, slots=True)
class Cell:
    """The mail of one identity at one mailbox provider over a window of days; the identity may be unknown."""

    identity: str | None
    isp: str
    complaints: int
    deliveries: int

    @property
    def rate(self) -> Rate:
        """Complaints of deliveries to providers that report them."""
        return Rate(self.complaints, self.deliveries)

    @property
    def cause(self) -> tuple[str | None, str]:
        """What makes two cells, of two windows or days, one cause."""
        return self.identity, self.isp

    def excess(self, limit: float) -> float:
        """How many complaints it has over what the limit allows its deliveries."""
        return self.complaints - limit * self.deliveries


@dataclass(frozen=True, slots=True)
class Breach:
    """A scope over the limit in a window, the cell that causes it, and the share of the excess that cell has."""

    figure: Figure
    cell: Cell
    share: float


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a cell was sent, and how much of it bounced, over some days."""

    days: int
    sends: int
    attempts: int
    permanent_bounces: int

    @property
    def per_day(self) -> float:
        """Sends a day."""
        return self.sends / self.days

    @property
    def bounce_rate(self) -> Rate:
        """Permanent bounces of attempts."""
        return Rate(self.permanent_bounces, self.attempts)


@dataclass(frozen=True, slots=True)
class Opening:
    """What was known when an incident opened: the figures, the cause's share of one scope's excess, its traffic."""

    figures: tuple[Figure, ...]
    cell: Cell
    share: float
    share_of: Scope
    traffic: Traffic | None = None
    before: Traffic | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A complaint rate over the limit with one cause; `figures` and `cell` are as of `last_day`."""

    incident_id: str
    limit: float
    window_days: int
    opened_day: date
    breached_day: date
    last_day: date
    cell: Cell
    figures: tuple[Figure, ...]
    peak_day: date
    peak: Cell
    opening: Opening
    closed_day: date | None = None
    opened_mail: str = PENDING
    opened_mail_at: datetime | None = None
    closed_mail: str | None = None
    closed_mail_at: datetime | None = None

    @property
    def scopes(self) -> list[Scope]:
        """The scopes it holds, the narrow ones first."""
        return sorted({figure.scope for figure in self.figures}, key=scope_order)

    @property
    def days(self) -> int:
        """How many days it has lasted."""
        return ((self.closed_day or self.last_day) - self.opened_day).days


@dataclass(frozen=True, slots=True)
class Change:
    """What a day made of the incidents."""

    opened: tuple[Incident, ...] = ()
    updated: tuple[Incident, ...] = ()
    closed: tuple[Incident, ...] = ()


def scope_order(scope: Scope) -> tuple[int, str]:
    """The key that sorts scopes from the narrow to the wide."""
    return ORDER.index(scope.dimension), scope.value


def is_breach(figure: Figure, limit: float, minimum: int) -> bool:
    """Whether a rate is over the limit: exactly at it is not, and fewer complaints than `minimum` prove nothing."""
    rate = figure.rate.value
    return rate is not None and rate > limit and figure.complaints >= minimum


def is_unjudged(figure: Figure, minimum: int) -> bool:
    """Whether there are complaints enough but no delivery to divide them by."""
    return figure.complaints >= minimum and figure.deliveries <= 0


def find_cause(cells: Iterable[Cell], limit: float) -> tuple[Cell, float]:
    """The cell with the most complaints over the limit, and its share of all such excess."""
    ordered = sorted(cells, key=lambda cell: (-cell.excess(limit), cell.isp, cell.identity or ""))
    whole = sum(max(0.0, cell.excess(limit)) for cell in ordered)
    return ordered[0], ordered[0].excess(limit) / whole


def apply_breaches(
    incidents: Sequence[Incident],
    breaches: Sequence[Breach],
    day: date,
    *,
    limit: float,
    undecided: Collection[Scope] = (),
) -> Change:
    """Place each breach in an open incident or a new one, and close those that no breach of a newer day keeps open.

    `undecided` scopes could not be judged today, so they close nothing.
    """
    current = {incident.incident_id: incident for incident in incidents}
    for scope in sorted({breach.figure.scope for breach in breaches}, key=scope_order):
        here = sorted((b for b in breaches if b.figure.scope == scope), key=lambda breach: breach.figure.window_days)
        home = _find_home(list(current.values()), here) or _open(here[0], day, limit)
        for other in list(current.values()):
            current[other.incident_id] = _without(other, scope)
        current[home.incident_id] = _with(home, here, day)
    known = {incident.incident_id for incident in incidents}
    changes: dict[str, list[Incident]] = {"opened": [], "updated": [], "closed": []}
    for incident in current.values():
        if incident.incident_id not in known:
            changes["opened"].append(incident)
        elif incident.breached_day < day and not set(incident.scopes) & set(undecided):
            changes["closed"].append(replace(incident, closed_day=day, closed_mail=PENDING))
        else:
            changes["updated"].append(incident)
    return Change(**{name: tuple(found) for name, found in changes.items()})


def refresh(incident: Incident, figures: Sequence[Figure], cell: Cell, day: date) -> Incident:
    """The incident with the figures of `day`; its peak is the highest rate of its cause while it was open."""
    fresh = replace(incident, figures=tuple(figures), cell=cell, last_day=day)
    if incident.closed_day is None and (cell.rate.value or 0.0) > (incident.peak.rate.value or 0.0):
        fresh = replace(fresh, peak=cell, peak_day=day)
    return fresh


def _find_home(incidents: Sequence[Incident], breaches: Sequence[Breach]) -> Incident | None:
    """The open incident of a scope: one with the same cause, else the one that holds the scope already.

    A scope whose top cell shifts to a cause with no incident of its own stays where it is, without a new mail; one that
    shifts to the cause of another open incident goes there, or a wide scope would keep open what is over.
    """
    causes = [breach.cell.cause for breach in breaches]
    holder = next((i for i in incidents if breaches[0].figure.scope in i.scopes), None)
    if holder and holder.cell.cause in causes:
        return holder
    return next((i for cause in causes for i in incidents if i.cell.cause == cause), holder)


def _open(breach: Breach, day: date, limit: float) -> Incident:
    cell = breach.cell
    name = "\0".join([cell.identity or "", cell.isp, day.isoformat()])
    return Incident(
        incident_id=sha256(name.encode(errors="surrogatepass")).hexdigest()[:16],
        limit=limit,
        window_days=breach.figure.window_days,
        opened_day=day,
        breached_day=day,
        last_day=day,
        cell=cell,
        figures=(),
        peak_day=day,
        peak=cell,
        opening=Opening((), cell, breach.share, breach.figure.scope),
    )


def _without(incident: Incident, scope: Scope) -> Incident:
    return replace(incident, figures=tuple(figure for figure in incident.figures if figure.scope != scope))


def _with(incident: Incident, breaches: Sequence[Breach], day: date) -> Incident:
    scope = breaches[0].figure.scope
    figures = (*_without(incident, scope).figures, *(breach.figure for breach in breaches))
    joined = replace(incident, figures=figures, breached_day=day)
    return _with_share(joined, breaches) if incident.opened_day == day else joined


def _with_share(incident: Incident, breaches: Sequence[Breach]) -> Incident:
    """Note the cause's share of the excess of the widest scope: there it says most."""
    for breach in breaches:
        if breach.cell.cause == incident.cell.cause and breach.figure.window_days == incident.window_days:
            opening = replace(incident.opening, share=breach.share, share_of=breach.figure.scope)
            return replace(incident, opening=opening)
    return incident
