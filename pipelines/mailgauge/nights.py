"""A whole night: all steps in order, each told in a sentence as it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge import gate, steps, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from mailgauge.settings import Settings


def run_night(settings: Settings, sources: Sequence[str], day: date | None, *, say: Callable[[str], None]) -> None:
    """Ingest, build and validate; a critical failure of the gate raises GateFailedError."""
    with words.progress_bar("Ingesting") as progress:
        done = steps.ingest(settings, sources, progress=progress)
    say(words.describe_ingested(done))
    say(words.describe_built(steps.build(settings)))
    _pass_gate(settings, day or steps.yesterday(), say)


def _pass_gate(settings: Settings, night: date, say: Callable[[str], None]) -> None:
    """Without Great Expectations the night goes on, and says that nothing was judged."""
    if gate.is_available():
        say(words.describe_verdict(steps.validate(settings, night)))
    else:
        say("Gate: not checked, Great Expectations is not installed (install mailgauge[quality]).")
