"""Alerting: judge the complaint rates of a day, keep the incidents, send a mail where one opens or closes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mailgauge import incidents, mails
from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.incidents import Breach, Cell, Change, Figure, Incident, Opening, Scope, Traffic
from mailgauge.mailer import PartlySentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from email.message import EmailMessage

    from mailgauge.settings import Settings
    from mailgauge.warehouse import Warehouse

_SUMS = (
    "coalesce(sum(complaints), 0)::bigint as complaints, coalesce(sum(feedback_deliveries), 0)::bigint as deliveries"
)
_WINDOW = 'from marts.daily_by_event_day where "day" > ? and "day" <= ?'
_USUAL_DAYS = 7


@dataclass(frozen=True, slots=True)
class Alerted:
    """What alerting did: the incidents that changed, the mails sent (or, in a dry run, to be sent)."""

    opened: list[Incident] = field(default_factory=list)
    updated: list[Incident] = field(default_factory=list)
    closed: list[Incident] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    warning: str = ""


def alert(
    lake: Warehouse, settings: Settings, *, day: date, now: datetime, send: Callable[[EmailMessage], None] | None
) -> Alerted:
    """Judge the windows that end with `day`, commit what changed, then send the mails that are due.

    Without `send` it is a dry run: mails are composed and nothing changes. A day before the newest judged one changes
    and sends nothing. A mail that could not be sent stays due, and the next run sends it.
    """
    if day > now.date():
        raise UsageError(f"{day} has not begun: name a day up to {now.date()}.")
    newest = lake.value('select max("day") from advisor.evaluations')
    if newest and day < newest:
        return Alerted(warning=f"{newest} is judged already, so {day} changes no incident and sends no mail.")
    stored = _read_incidents(lake)
    change, unjudged = _evaluate(lake, settings, [i for i in stored.values() if i.closed_day is None], day)
    changed = {i.incident_id: i for i in (*change.opened, *change.updated, *change.closed)}
    due = [mail for incident in {**stored, **changed}.values() for mail in _list_due(incident)]
    messages = [mails.compose(incident, kind, settings.alert, now=now) for incident, kind in due]
    found = Alerted([*change.opened], [*change.updated], [*change.closed], messages, unjudged, _warn(settings))
    if send is None:
        return found
    _store(lake, [i for i in changed.values() if stored.get(i.incident_id) != i], day, now)
    if not settings.alert.recipients:
        _drop_mails(lake, now)
        return replace(found, mails=[])
    _send_all(lake, list(zip(due, messages, strict=True)), send, now)
    return found


def _warn(settings: Settings) -> str:
    if settings.alert.recipients:
        return ""
    return "No alert.recipients are set, so incidents are kept and nobody gets a mail of them."


def _list_due(incident: Incident) -> Iterator[tuple[Incident, str]]:
    if incident.opened_mail == incidents.PENDING:
        yield incident, mails.OPENED
    if incident.closed_mail == incidents.PENDING:
        yield incident, mails.CLOSED


def _evaluate(lake: Warehouse, settings: Settings, current: list[Incident], day: date) -> tuple[Change, list[str]]:
    rules = settings.alert
    figures = [
        figure
        for dimension in dict.fromkeys(rules.dimensions)
        for window in sorted(set(rules.windows_days))
        for figure in _read_figures(lake, dimension, window, day, rules.min_complaints)
    ]
    unjudged = [figure for figure in figures if incidents.is_unjudged(figure, rules.min_complaints)]
    breaches = [
        _find_breach(lake, figure, day, rules.complaint_rate)
        for figure in figures
        if incidents.is_breach(figure, rules.complaint_rate, rules.min_complaints)
    ]
    undecided = {figure.scope for figure in unjudged}
    change = incidents.apply_breaches(current, breaches, day, limit=rules.complaint_rate, undecided=undecided)
    fresh = Change(
        opened=tuple(_note_opening(lake, _refresh(lake, i, settings, day)) for i in change.opened),
        updated=tuple(_refresh(lake, i, settings, day) for i in change.updated),
        closed=tuple(_refresh(lake, i, settings, day) for i in change.closed),
    )
    return fresh, [mails.describe_unjudged(figure, day) for figure in unjudged]


def _since(day: date, days: int) -> date:
    """The day before a window begins."""
    return day - timedelta(days=days)


def _read_figures(lake: Warehouse, dimension: str, window: int, day: date, minimum: int) -> list[Figure]:
    """The figures of the scopes with complaints enough to judge; what has no name in the dimension is no scope."""
    rows = lake.rows(
        f"select {dimension} as value, {_SUMS} {_WINDOW} and {dimension} is not null "
        f"group by {dimension} having sum(complaints) >= ? order by {dimension}",
        [_since(day, window), day, minimum],
    )
    return [Figure(Scope(dimension, row["value"]), window, row["complaints"], row["deliveries"]) for row in rows]


def _read_figure(lake: Warehouse, scope: Scope, window: int, day: date) -> Figure:
    """The figures of one scope, zeros where it had no mail."""
    found = lake.rows(f"select {_SUMS} {_WINDOW} and {scope.dimension} = ?", [_since(day, window), day, scope.value])[0]
    return Figure(scope, window, found["complaints"], found["deliveries"])


def _find_breach(lake: Warehouse, figure: Figure, day: date, limit: float) -> Breach:
    rows = lake.rows(
        f"select identity, isp, {_SUMS} {_WINDOW} and {figure.scope.dimension} = ? group by identity, isp",
        [_since(day, figure.window_days), day, figure.scope.value],
    )
    cell, share = incidents.find_cause([Cell(**row) for row in rows], limit)
    return Breach(figure, cell, share)


def _refresh(lake: Warehouse, incident: Incident, settings: Settings, day: date) -> Incident:
    """The incident with the figures of all its scopes in all windows, those without any mail included."""
    windows = sorted({*settings.alert.windows_days, incident.window_days})
    figures = [_read_figure(lake, scope, window, day) for scope in incident.scopes for window in windows]
    return incidents.refresh(incident, figures, _read_cell(lake, incident, day), day)


def _read_cell(lake: Warehouse, incident: Incident, day: date) -> Cell:
    identity, isp = incident.cell.cause
    row = lake.rows(
        f"select {_SUMS} {_WINDOW} and identity is not distinct from ? and isp = ?",
        [_since(day, incident.window_days), day, identity, isp],
    )[0]
    return Cell(identity, isp, **row)


def _note_opening(lake: Warehouse, incident: Incident) -> Incident:
    start = _since(incident.opened_day, incident.window_days)
    opening = replace(
        incident.opening,
        figures=incident.figures,
        cell=incident.cell,
        traffic=_read_traffic(lake, incident, start, incident.opened_day),
        before=_read_traffic(lake, incident, _since(start, _USUAL_DAYS), start),
    )
    return replace(incident, opening=opening)


def _read_traffic(lake: Warehouse, incident: Incident, after: date, until: date) -> Traffic:
    row = lake.rows(
        "select coalesce(sum(sends), 0)::bigint as sends, coalesce(sum(attempts), 0)::bigint as attempts, "
        f"coalesce(sum(permanent_bounces), 0)::bigint as permanent_bounces {_WINDOW} "
        "and identity is not distinct from ? and isp = ?",
        [after, until, *incident.cell.cause],
    )[0]
    return Traffic((until - after).days, **row)


def _send_all(
    lake: Warehouse,
    due: Sequence[tuple[tuple[Incident, str], EmailMessage]],
    send: Callable[[EmailMessage], None],
    now: datetime,
) -> None:
    """Send each mail and mark it; one that fails keeps the others from nothing and is told at the end."""
    failures: list[MailgaugeError] = []
    for (incident, kind), message in due:
        try:
            send(message)
        except PartlySentError as error:  # whoever could get it has it: sending it again would be a second mail
            failures.append(error)
        except MailgaugeError as error:
            failures.append(error)
            continue
        column = f"{kind}_mail"
        lake.execute(
            f"update advisor.incidents set {column} = ?, {column}_at = ? where incident_id = ?",
            [incidents.SENT, now, incident.incident_id],
        )
    if failures:
        raise failures[0]


def _drop_mails(lake: Warehouse, now: datetime) -> None:
    """With nobody to write to, the mails of closed incidents are dropped; an open one tells who is named later."""
    for kind in (mails.OPENED, mails.CLOSED):
        lake.execute(
            f"update advisor.incidents set {kind}_mail = ?, {kind}_mail_at = ? "
            f"where {kind}_mail = ? and closed_day is not null",
            [incidents.DROPPED, now, incidents.PENDING],
        )


def _store(lake: Warehouse, changed: Sequence[Incident], day: date, now: datetime) -> None:
    """Commit the incidents, with the mails they make due, and the day as judged, together."""
    with lake.transaction():
        lake.execute('delete from advisor.evaluations where "day" = ?', [day])
        lake.execute("insert into advisor.evaluations values (?, ?)", [day, now])
        for incident in changed:
            row = _as_row(incident)
            lake.execute("delete from advisor.incidents where incident_id = ?", [incident.incident_id])
            marks = ", ".join("?" for _ in row)
            lake.execute(f"insert into advisor.incidents ({', '.join(row)}) values ({marks})", list(row.values()))


def _read_incidents(lake: Warehouse) -> dict[str, Incident]:
    """The incidents that are open or have a mail due, the oldest first."""
    rows = lake.rows(
        "select * from advisor.incidents where closed_day is null or opened_mail = ? or closed_mail = ? "
        "order by opened_day, incident_id",
        [incidents.PENDING, incidents.PENDING],
    )
    return {row["incident_id"]: _from_row(row) for row in rows}


def _as_row(incident: Incident) -> dict[str, Any]:
    names = ("incident_id", "window_days", "opened_day", "breached_day", "last_day", "closed_day", "peak_day")
    mail_names = ("opened_mail", "opened_mail_at", "closed_mail", "closed_mail_at")
    return {
        **{name: getattr(incident, name) for name in (*names, *mail_names)},
        "identity": incident.cell.identity,
        "isp": incident.cell.isp,
        "complaint_limit": incident.limit,
        "complaints": incident.cell.complaints,
        "deliveries": incident.cell.deliveries,
        "peak_complaints": incident.peak.complaints,
        "peak_deliveries": incident.peak.deliveries,
        "scopes": json.dumps([_as_scope(figure) for figure in incident.figures]),
        "opening": json.dumps(_as_opening(incident.opening)),
    }


def _from_row(row: dict[str, Any]) -> Incident:
    names = ("incident_id", "window_days", "opened_day", "breached_day", "last_day", "closed_day", "peak_day")
    mail_names = ("opened_mail", "opened_mail_at", "closed_mail", "closed_mail_at")
    return Incident(
        **{name: row[name] for name in (*names, *mail_names)},
        limit=row["complaint_limit"],
        cell=Cell(row["identity"], row["isp"], row["complaints"], row["deliveries"]),
        peak=Cell(row["identity"], row["isp"], row["peak_complaints"], row["peak_deliveries"]),
        figures=tuple(_from_scope(scope) for scope in json.loads(row["scopes"])),
        opening=_from_opening(json.loads(row["opening"])),
    )


def _as_scope(figure: Figure) -> dict[str, Any]:
    low, high = figure.rate.interval or (None, None)
    return {
        **asdict(figure.scope),
        "window_days": figure.window_days,
        "numerator": figure.complaints,
        "denominator": figure.deliveries,
        "rate": figure.rate.value,
        "low": low,
        "high": high,
    }


def _from_scope(scope: dict[str, Any]) -> Figure:
    return Figure(
        Scope(scope["dimension"], scope["value"]), scope["window_days"], scope["numerator"], scope["denominator"]
    )


def _as_opening(opening: Opening) -> dict[str, Any]:
    return {**asdict(opening), "figures": [_as_scope(figure) for figure in opening.figures]}


def _from_opening(stored: dict[str, Any]) -> Opening:
    return Opening(
        figures=tuple(_from_scope(scope) for scope in stored["figures"]),
        cell=Cell(**stored["cell"]),
        share=stored["share"],
        share_of=Scope(**stored["share_of"]),
        traffic=stored["traffic"] and Traffic(**stored["traffic"]),
        before=stored["before"] and Traffic(**stored["before"]),
    )
