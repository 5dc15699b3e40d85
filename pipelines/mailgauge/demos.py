"""The demo: a sender's week that goes wrong at the end, and the night that finds out."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from mailgauge import nights, steps, words
from mailgauge.errors import UsageError
from mailgauge.settings import AlertSettings, DnsSettings, ReportSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MARK = ".mailgauge-demo"


def run_demo(out: Path, *, messages: int, say: Callable[[str], None]) -> None:
    """Simulate a week that ends yesterday into `out`, run the night on it, and say the path of its report last.

    A folder that an earlier demo made is made anew; any other that holds something is left alone. Nothing leaves the
    machine: the sender's domains do not exist, so DNS is not asked, and the alert mail is shown instead of sent.
    """
    from mailgauge.simulation import simulate  # noqa: PLC0415 (an eighth of a second that nothing else needs)

    _clear(out)
    dumps = out / "dumps"
    say(f"Simulating {messages:,} messages of a week that ends yesterday …")
    with words.spinner("Simulating"):
        made = simulate(dumps, messages=messages, end=steps.yesterday())
    say(f"{made.events:,} records in {made.objects:,} objects.")
    path = nights.run_night(_make_settings(out, dumps), (), None, say=say, dry_run=True)
    say(words.DEMO_NEXT.format(warehouse=out / "warehouse"))
    say(str(path))


def _make_settings(out: Path, dumps: Path) -> Settings:
    return Settings(
        warehouse=out / "warehouse",
        sources=[str(dumps / "events")],
        report=ReportSettings(out=out / "reports"),
        dns=DnsSettings(enabled=False),
        alert=AlertSettings(recipients=["you@example.com"], sender="mailgauge@example.com"),
    )


def _clear(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise UsageError(f"{out} holds other things: name a new folder with --out.")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / _MARK).touch()
