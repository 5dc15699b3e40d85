"""Sections that hold small tables alone: SES's other systems and streams; frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A share on the day, and over the days of the trend."""

    text: str
    counts: str
    span: str
    span_counts: str


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A line of a table: its name, its counts as text, and its shares."""

    name: str
    kind: str
    """named, part (of the row above), rest or total."""
    counts: tuple[str, ...]
    shares: tuple[Share, ...] = ()
    history: tuple[float | None, ...] = ()
    """A line to draw after the rest, oldest first."""


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A small table."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[PlainRow, ...]


@dataclass(frozen=True, slots=True)
class PlainSection:
    """A section of small tables."""

    key: str
    """Its anchor."""
    title: str
    sentence: str
    tables: tuple[PlainTable, ...]
