"""The one door: the steps of a night as plain functions that are safe to run again.

The command line, the DAGs and notebooks call these and nothing beneath them. Each opens the warehouse for itself.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.errors import UsageError
from mailgauge.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from mailgauge.advisor import Advice
    from mailgauge.alerts import Alerted
    from mailgauge.expiry import Expired
    from mailgauge.findings import Finding
    from mailgauge.forgetting import Forgotten
    from mailgauge.gate import Verdict
    from mailgauge.housekeeping import Compacted
    from mailgauge.importing import Imported
    from mailgauge.ingest import Ingested
    from mailgauge.listings import Past
    from mailgauge.marts import Built
    from mailgauge.metrics import Question
    from mailgauge.settings import Settings
    from mailgauge.trace import Trace


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


def ingest(  # noqa: PLR0913 (what may be asked of an ingest)
    settings: Settings,
    sources: Sequence[str] = (),
    *,
    manifests: Sequence[Path] = (),
    everything: bool = False,
    recover_failed: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Ingested:
    """Load the objects of `sources`, or of the settings, that are not loaded yet, and those that `manifests` name.

    With `manifests` alone the settings' sources are left out. An S3 source is listed from its last ingest on, or whole
    with `everything`; with `recover_failed`, what Firehose could not deliver is loaded too.
    """
    from mailgauge.buckets import Access
    from mailgauge.housekeeping import compact_when_due
    from mailgauge.ingest import ingest as ingest_objects
    from mailgauge.listings import find_named, join_objects, list_sources, write_listings
    from mailgauge.persons import choose_pseudonyms

    chosen = _choose_sources(settings, sources, manifests)
    pseudonyms = choose_pseudonyms(settings)
    access, began_at = Access(**settings.s3.model_dump()), read_clock()
    named = find_named(manifests, access=access)
    past = _read_past(settings, chosen, now=began_at)
    listed = list_sources(chosen, past, access=access, everything=everything, with_failed=recover_failed)
    objects = join_objects(named, *listed.values())
    with open_warehouse(settings) as lake:
        done = ingest_objects(
            lake,
            objects,
            now=read_clock(),
            recover_failed=recover_failed,
            pseudonyms=pseudonyms,
            progress=progress,
        )
        write_listings(lake, listed, past, began_at=began_at)
        compact_when_due(lake, settings.housekeeping, now=read_clock())
    return done


def import_files(settings: Settings, sources: Sequence[str], *, domain: str = "") -> Imported:
    """Load what mailbox providers tell: Postmaster Tools, SNDS, DMARC aggregate reports."""
    from mailgauge.buckets import Access
    from mailgauge.importing import import_files as import_objects
    from mailgauge.sources import list_objects

    objects = list_objects(sources, access=Access(**settings.s3.model_dump()))
    with open_warehouse(settings) as lake:
        return import_objects(lake, objects, now=read_clock(), domain=domain)


def _choose_sources(settings: Settings, sources: Sequence[str], manifests: Sequence[Path]) -> list[str]:
    chosen = list(sources or (() if manifests else settings.sources))
    if not (chosen or manifests):
        raise UsageError(
            "Nothing to ingest: name a folder, a glob, a file or s3://BUCKET/PREFIX, or set `sources` in "
            "mailgauge.toml."
        )
    return chosen


def _read_past(settings: Settings, sources: Sequence[str], *, now: datetime) -> Past:
    """What is known of S3 sources, where there is a warehouse: a mistake in a source makes none."""
    from mailgauge.listings import Past, read_past
    from mailgauge.sources import is_stored

    if not (any(map(is_stored, sources)) and (settings.warehouse / "catalog.sqlite").is_file()):
        return Past()
    with open_warehouse(settings, read_only=True) as lake:
        return read_past(lake, now=now)


def build(settings: Settings, *, full: bool = False) -> Built:
    """Bring the marts up to date; `full` computes everything again. First it may ask DNS whose mailboxes some are."""
    from mailgauge.housekeeping import compact_when_due
    from mailgauge.marts import build_marts

    with open_warehouse(settings, create=False) as lake:
        if settings.dns.enabled and settings.dns.mx_look_ups:
            from mailgauge.exchangers import learn_exchangers

            learn_exchangers(lake, settings.dns, now=read_clock())
        built = build_marts(lake, now=read_clock(), full=full)
        compact_when_due(lake, settings.housekeeping, now=read_clock())
        return built


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


def mute(  # noqa: PLR0913 (what a mute says)
    settings: Settings, check: str, resource: str, *, until: date, reason: str, kind: str | None = None
) -> list[Finding]:
    """Show the findings of a check on a resource no more until that day."""
    from mailgauge import lifecycle

    moment = datetime.combine(until, time())
    with _open_built(settings) as lake:
        return lifecycle.mute(lake, check, resource, until=moment, reason=reason, now=read_clock(), kind=kind)


def unmute(settings: Settings, check: str, resource: str, *, kind: str | None = None) -> list[Finding]:
    """Show them again; returns those that were muted."""
    from mailgauge import lifecycle

    with _open_built(settings) as lake:
        return lifecycle.unmute(lake, check, resource, now=read_clock(), kind=kind)


def list_findings(
    settings: Settings, *, all_of_them: bool = False, history: bool = False, resource: str | None = None
) -> list[dict[str, Any]]:
    """The open and muted findings, fixed ones too where `all_of_them`; or what happened to them."""
    from mailgauge import lifecycle

    with _open_built(settings, read_only=True) as lake:
        if history:
            return lifecycle.read_history(lake, resource)
        rows = lifecycle.list_findings(lake, now=read_clock(), all_of_them=all_of_them)
    return [row for row in rows if resource in {None, row["resource"]}]


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


def list_reasons(
    settings: Settings, since: date | None = None, until: date | None = None, *, unknown: bool = False
) -> list[dict[str, Any]]:
    """Why mail sent in those days bounced, expired or was delayed; the answers that no rule knows where `unknown`."""
    from mailgauge.responses import count_reasons, read_unknown

    last = choose_day(until)
    first = since or last - timedelta(days=6)
    if first > last:
        raise UsageError(f"{first} is after {last}: name a first day that is not after the last.")
    with _open_built(settings, read_only=True) as lake:
        return read_unknown(lake, first, last) if unknown else count_reasons(lake, first, last)


def describe(settings: Settings, relation: str | None = None) -> list[dict[str, Any]]:
    """What the relations are, or the columns of one."""
    from mailgauge.comments import describe as describe_in

    with open_warehouse(settings, read_only=True) as lake:
        found = describe_in(lake, relation)
    if not found:
        raise UsageError(f"There is no relation {relation}: `mailgauge describe` lists all there are.")
    return found


def read_system(settings: Settings, name: str, *, day: date | None = None) -> list[dict[str, Any]]:
    """One of SES's other systems (`mailgauge systems`), at the end of `day`, or the newest there is."""
    from mailgauge.systems import read_system as read_in

    with _open_built(settings, read_only=True) as lake:
        return read_in(lake, settings, name, day)


def list_recipients(settings: Settings, people: str | None = None) -> list[dict[str, Any]]:
    """Recipients by cohort of engagement; the addresses of one list, `suppress` or `sunset`, where asked for."""
    from mailgauge.recipients import count_cohorts, list_people

    with _open_built(settings, read_only=True) as lake:
        return list_people(lake, people) if people else count_cohorts(lake)


def trace(settings: Settings, wanted: str, *, most: int = 10) -> Trace:
    """The events of the newest messages with this id, to this address, or under a subject that contains it."""
    from mailgauge.persons import name_in
    from mailgauge.trace import read_trace

    with open_warehouse(settings, read_only=True) as lake:
        return read_trace(lake, name_in(lake, settings, wanted), most=most)


def measure(settings: Settings, question: Question, *, compare: bool = False) -> pl.DataFrame:
    """A metric by any dimensions, over any days: see mailgauge.metrics."""
    from mailgauge.metrics import read_metric

    with _open_built(settings, read_only=True) as lake:
        return read_metric(lake, question, compare=compare)


def compact(settings: Settings) -> Compacted:
    """Merge small files, end old snapshots and remove the files that nobody can be reading any more."""
    from mailgauge import housekeeping

    with open_warehouse(settings, create=False) as lake:
        return housekeeping.compact(lake, settings.housekeeping, now=read_clock())


def expire(settings: Settings, keep_days: int | None = None) -> Expired:
    """Let go of all about messages sent over `keep_days` ago but what they counted; the settings have a default."""
    from mailgauge import expiry

    days = keep_days or settings.housekeeping.keep_days
    if not days:
        raise UsageError("How long to keep events? Name it with --keep-days, or set housekeeping.keep_days.")
    with open_warehouse(settings, create=False) as lake:
        return expiry.expire(lake, keep_days=days, now=read_clock())


def forget(settings: Settings, address: str) -> Forgotten:
    """Take a person out of the warehouse and prove it; raises MailgaugeError where a trace is left."""
    from mailgauge import addresses, forgetting
    from mailgauge.persons import name_in

    addresses.spellings_of(address)  # refused before anything is opened
    with open_warehouse(settings, create=False) as lake:
        names = {address, name_in(lake, settings, address)}  # the pseudonym too, where the warehouse has them
        return forgetting.forget(lake, *sorted(names), now=read_clock())


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
