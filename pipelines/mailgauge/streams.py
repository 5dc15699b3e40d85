"""The small streams beside the events: the table of each kind of letter, its rows, and adding what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailgauge.aws_findings import parse_finding, parse_status
from mailgauge.envelopes import Kind
from mailgauge.inbound import parse_receipt
from mailgauge.mail_manager import parse_log
from mailgauge.shapes import MisfitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mailgauge.envelopes import Letter
    from mailgauge.pseudonyms import Pseudonyms
    from mailgauge.warehouse import Warehouse

    Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the letters of a kind go, and what makes rows of one."""

    relation: str
    parse: Callable[[dict[str, Any]], list[Row]]


STREAMS = {
    Kind.INBOUND: Stream("raw.inbound_receipts", parse_receipt),
    Kind.MAIL_MANAGER: Stream("raw.mail_manager_logs", parse_log),
    Kind.AWS_FINDING: Stream("raw.aws_findings", parse_finding),
    Kind.TENANT_STATUS: Stream("raw.tenant_statuses", parse_status),
}
"""Every kind of letter with a table of its own; events have the fast path."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A letter and where it came from; several letters of one record share its position."""

    object_id: int
    position: int
    letter: Letter


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the letters that were to be added."""

    duplicates: list[Arrived]
    """Letters that said nothing new."""
    refused: list[tuple[Arrived, str]]
    """Letters that cannot be read, each with its reason."""


def add_letters(lake: Warehouse, arrived: Sequence[Arrived], pseudonyms: Pseudonyms | None = None) -> Added:
    """Add what is new in letters of the kinds in STREAMS to their tables, with `pseudonyms` for people if given."""
    duplicates, refused = [], []
    for kind, stream in STREAMS.items():
        told: list[tuple[Arrived, list[Row]]] = []
        for one in arrived:
            if one.letter.kind is kind:
                try:
                    told.append((one, parse_letter(one.letter, pseudonyms)))
                except MisfitError as misfit:
                    refused.append((one, str(misfit)))
        known = _list_known(lake, stream.relation, [row for _, rows in told for row in rows])
        new: list[Row] = []
        for one, rows in told:
            fresh = [row for row in rows if row["event_id"] not in known]
            known.update(row["event_id"] for row in fresh)
            new += [{**row, "object_id": one.object_id, "position": one.position} for row in fresh]
            if not fresh:
                duplicates.append(one)
        lake.insert(stream.relation, new)
    return Added(duplicates, refused)


def parse_letter(letter: Letter, pseudonyms: Pseudonyms | None = None) -> list[Row]:
    """The rows of a letter of one of STREAMS, or MisfitError; a recipient named twice makes one."""
    try:
        document = pseudonyms.document(letter.document) if pseudonyms else letter.document
        rows = STREAMS[letter.kind].parse(document)
        for row in rows:
            for value in row.values():
                if isinstance(value, str):
                    value.encode()
    except RecursionError:
        raise MisfitError("it is nested too deeply") from None
    except (OverflowError, ValueError):
        raise MisfitError("it holds a value that no column can hold") from None
    return list({row["event_id"]: row for row in reversed(rows)}.values())[::-1]


def _list_known(lake: Warehouse, relation: str, rows: list[Row]) -> set[str]:
    """Which of `rows` the table holds already."""
    if not rows:
        return set()
    days = [row["day"] for row in rows]
    found = lake.rows(
        f"""
        select event_id::varchar as event_id
        from {relation}
        where "day" between $first and $last and event_id in (select unnest($ids::uuid[]))
        """,
        {"first": min(days), "last": max(days), "ids": [row["event_id"] for row in rows]},
    )
    return {row["event_id"] for row in found}
