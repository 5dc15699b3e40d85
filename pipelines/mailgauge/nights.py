"""A whole night: all steps in order, each told in a sentence as it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailgauge import gate, steps, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from mailgauge.settings import Settings


def run_night(
    settings: Settings, sources: Sequence[str], day: date | None, *, say: Callable[[str], None], dry_run: bool = False
) -> Path:
    """Ingest, build, validate, advise, report, alert, expire where that is set, and return the path of the report.

    A critical failure of the gate raises GateFailedError: nothing is reported or sent. With `dry_run`, mails are said
    instead of sent.
    """
    night = steps.prepare_night(settings, day, dry_run=dry_run)
    with words.progress_bar("Ingesting") as progress:
        done = steps.ingest(settings, sources, progress=progress)
    say(words.describe(done))
    _tell("Building", say, steps.build, settings)
    _pass_gate(settings, night, say)
    _tell("Advising", say, steps.advise, settings, night)
    path: Path = _tell("Reporting", say, steps.report, settings, night)
    with words.spinner("Alerting"):
        alerted = steps.alert(settings, night, dry_run=dry_run)
    say(words.describe_alerted(alerted, is_dry_run=dry_run))
    if settings.housekeeping.keep_days:
        _tell("Expiring", say, steps.expire, settings)
    return path


def _tell(what: str, say: Callable[[str], None], step: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 (what the step returns)
    with words.spinner(what):
        result = step(*arguments)
    say(words.describe(result))
    return result


def _pass_gate(settings: Settings, night: date, say: Callable[[str], None]) -> None:
    """Without Great Expectations the night goes on, and says that nothing was judged."""
    if gate.is_available():
        _tell("Judging", say, steps.validate, settings, night)
    else:
        say("Gate: not checked, Great Expectations is not installed (install mailgauge[quality]).")
