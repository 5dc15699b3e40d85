"""The one door: the steps of a night as plain functions that are safe to run again.

The command line, the DAGs and notebooks call these and nothing beneath them. Each opens the warehouse for itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from mailgauge.errors import UsageError
from mailgauge.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mailgauge.advisor import Advice
    from mailgauge.alerts import Alerted
    from mailgauge.gate import Verdict
    from mailgauge.ingest import Ingested
    from mailgauge.marts import Built
    from mailgauge.settings import Settings


def read_clock() -> datetime:
    """The time now, in UTC, as the warehouse keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def yesterday() -> date:
    """The last whole UTC day."""
    return (read_clock() - timedelta(days=1)).date()


def choose_day(day: date | None) -> date:
    """Return `day`, or yesterday where none is asked for; raises UsageError for a day to come."""
    if day and day > read_clock().date():
        raise UsageError(f"{day} has not begun: name a day up to {read_clock().date()} (UTC).")
    return day or yesterday()


def open_warehouse(settings: Settings, *, read_only: bool = False, create: bool = True) -> Warehouse:
    """Open the warehouse of `settings`, making it where there is none unless `read_only` or not to `create`."""
    return Warehouse(
        settings.warehouse,
        read_only=read_only,
        create=create,
        memory_limit=settings.memory_limit,
        lock_seconds=settings.lock_seconds,
    )


@contextmanager
def _open_built(settings: Settings, *, read_only: bool = False) -> Iterator[Warehouse]:
    """Open a warehouse with marts: empty ones are no news, they would fix every finding and close every incident."""
    with open_warehouse(settings, read_only=read_only, create=False) as lake:
        if not lake.value("select count(*) from raw.builds"):
            raise UsageError(f"The marts in {lake.folder} are not built: run `mailgauge build` first.")
        yield lake


def ingest(
    settings: Settings,
    sources: Sequence[str] = (),
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Ingested:
    """Load the objects of `sources`, or of the settings, that are not loaded yet."""
    from mailgauge.ingest import ingest as ingest_objects
    from mailgauge.sources import list_objects

    chosen = list(sources or settings.sources)
    if not chosen:
        raise UsageError("Nothing to ingest: name a folder, a glob or a file, or set `sources` in mailgauge.toml.")
    objects = list_objects(chosen)
    with open_warehouse(settings) as lake:
        return ingest_objects(lake, objects, now=read_clock(), progress=progress)


def build(settings: Settings, *, full: bool = False) -> Built:
    """Bring the marts up to date; `full` computes everything again."""
    from mailgauge.marts import build_marts

    with open_warehouse(settings, create=False) as lake:
        return build_marts(lake, now=read_clock(), full=full)


def validate(settings: Settings, day: date | None = None) -> Verdict:
    """Run the quality gate; raises GateFailedError when something critical is wrong."""
    from mailgauge import gate

    night = choose_day(day)
    with _open_built(settings) as lake:
        verdict = gate.validate(lake, settings, day=night, now=read_clock())
    gate.require_passed(verdict)
    return verdict


def advise(
    settings: Settings,
    day: date | None = None,
    *,
    domains: Sequence[str] = (),
    dns: bool = True,
    resolver: str | None = None,
) -> Advice:
    """Run the checks and bring the findings up to date; with `domains`, check these alone and touch no warehouse."""
    from mailgauge import advisor

    night = choose_day(day)
    if domains:
        return advisor.check_domains(settings, domains, resolver)
    with _open_built(settings) as lake:
        asks = dns and settings.dns.enabled
        return advisor.advise(lake, settings, day=night, now=read_clock(), dns=asks, resolver=resolver)


def report(settings: Settings, day: date | None = None, *, out: Path | None = None) -> Path:
    """Write the report of `day` and return its path; raises GateFailedError where the gate forbids it."""
    from mailgauge import advisor, gate, page_data

    night = choose_day(day)
    with _open_built(settings, read_only=True) as lake, lake.transaction():  # one state, whatever is written meanwhile
        gate.require_passed(gate.read_verdict(lake, night))
        return page_data.write_report(
            lake,
            settings,
            day=night,
            out=out or settings.report.out,
            now=read_clock(),
            banner=gate.read_banner(lake, night),
            not_checked=advisor.read_not_checked(lake, night),
        )


def alert(settings: Settings, day: date | None = None, *, dry_run: bool = False) -> Alerted:
    """Open, update and close incidents and send the mails that are due; a dry run composes them and changes nothing."""
    from mailgauge import alerts, gate
    from mailgauge.mailer import Mailer

    night = choose_day(day)
    send = None if dry_run else Mailer(settings).send
    with _open_built(settings, read_only=dry_run) as lake:
        gate.require_passed(gate.read_verdict(lake, night))
        return alerts.alert(lake, settings, day=night, now=read_clock(), send=send)


def prepare_night(settings: Settings, day: date | None = None, *, dry_run: bool = False) -> date:
    """Return the day of a night; refuses at its start what would stop it at its end."""
    from mailgauge.mailer import Mailer

    if not dry_run:
        Mailer(settings)
    return choose_day(day)


def tell_failure(settings: Settings, what: str, reason: str) -> None:
    """Mail that `what` failed, and why, to those who get alerts; where nobody is named, nobody is told."""
    from mailgauge.failures import compose_failure
    from mailgauge.mailer import Mailer

    if settings.alert.recipients:
        Mailer(settings).send(compose_failure(what, reason, settings.alert, now=read_clock()))


def list_due_days(settings: Settings) -> list[date]:
    """The days that are over for two hours and that the gate has not judged since: at most yesterday.

    Two hours let the last events of the day arrive; what comes later moves later reports.
    """
    now = read_clock()
    day = (now - timedelta(hours=2)).date() - timedelta(days=1)
    with open_warehouse(settings, read_only=True) as lake:
        judged = lake.value(
            "select count(*) from advisor.validations where day = ? and validated_at >= ?",
            [day, datetime.combine(day, datetime.min.time()) + timedelta(days=1, hours=2)],
        )
    return [] if judged else [day]
