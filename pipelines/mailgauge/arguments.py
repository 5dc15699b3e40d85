"""What commands are asked in common: days, conditions, formats, and the settings they run with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailgauge.errors import UsageError
from mailgauge.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Day = Annotated[str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="The UTC day; yesterday by default.")]
Since = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="First day of sending, included.")]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Last day of sending, included.")]

_kept: dict[str, Any] = {}


def keep_arguments(config: Path | None, overrides: Mapping[str, Any]) -> None:
    """Remember what was said before the command."""
    _kept["arguments"] = (config, overrides)


def read_settings() -> Settings:
    """The settings of this run."""
    config, overrides = _kept["arguments"]
    return load_settings(config, **overrides)


def parse_day(text: str | None) -> date | None:
    """A day as it is written on the command line."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day: write it as YYYY-MM-DD.") from None


def parse_pairs(texts: Sequence[str]) -> dict[str, str]:
    """Conditions as they are written on the command line."""
    pairs = [text.partition("=") for text in texts]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise UsageError(f"{name!r} is no condition: write DIM=VALUE, as in isp=Yahoo.")
    return {name: value for name, _, value in pairs}


def choose_output(output: str, *allowed: str) -> None:
    """Refuse a format that the command does not know."""
    if output not in allowed:
        raise UsageError(f"--format {output} is not known here: choose {' or '.join(allowed)}.")
