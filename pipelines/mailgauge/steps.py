"""The one door: the steps of a night as plain functions that are safe to run again.

The command line, the DAGs and notebooks call these and nothing beneath them. Each opens the warehouse for itself.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from mailgauge.errors import GateFailedError, UsageError
from mailgauge.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def open_warehouse(settings: Settings, *, read_only: bool = False) -> Warehouse:
    """Open the warehouse of `settings`."""
    return Warehouse(
        settings.warehouse,
        read_only=read_only,
        memory_limit=settings.memory_limit,
        lock_seconds=settings.lock_seconds,
    )


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

    with open_warehouse(settings) as lake:
        return build_marts(lake, now=read_clock(), full=full)


def validate(settings: Settings, day: date | None = None) -> Verdict:
    """Run the quality gate; raises GateFailedError when something critical is wrong."""
    from mailgauge import gate

    with open_warehouse(settings) as lake:
        _require_built(lake)
        verdict = gate.validate(lake, settings, day=day or yesterday(), now=read_clock())
    if not verdict.passed:
        reasons = " ".join(failure.sentence for failure in verdict.critical)
        raise GateFailedError(f"The quality gate failed, so nothing is reported or alerted: {reasons}")
    return verdict


def _require_built(lake: Warehouse) -> None:
    """An empty mart is no news: it would fix every finding and close every incident."""
    if not lake.value("select count(*) from raw.builds"):
        raise UsageError(f"The marts in {lake.folder} are not built: run `mailgauge build` first.")


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
