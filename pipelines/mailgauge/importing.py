"""Imports what mailbox providers tell: answers of Google's Postmaster Tools, SNDS's data, DMARC aggregate reports.

What a file is, its content says. A second import of the same changes nothing: each row has a key of the provider's own,
and the newest import of it counts.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from mailgauge import postmaster
from mailgauge.containers import TornError, read_chunks
from mailgauge.dmarc_reports import parse_report
from mailgauge.postmaster import UnreadableError, is_google, is_snds, parse_compliance, parse_snds, parse_stats
from mailgauge.sources import read_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from mailgauge.sources import SourceObject
    from mailgauge.warehouse import Warehouse

    Rows = dict[str, list[dict[str, Any]]]

KEYS = {
    "raw.google_stats": ("domain", "day", "metric"),
    "raw.google_compliance": ("domain", "is_of_subdomains", "requirement"),
    "raw.snds_days": ("ip", "began_at"),
    "raw.dmarc_records": ("reporter", "report_id", "record_index"),
}
"""What makes a row of a table the same in another file."""

MOST_BYTES = 64 << 20
"""How much a file may hold, unpacked: providers write far less, and strangers send reports."""
_MAIL = re.compile(rb"(?im)^(received|from|to|subject|mime-version|date|return-path|delivered-to):")


@dataclass(slots=True)
class Imported:
    """What an import did."""

    files: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    """By table."""
    refused: list[str] = field(default_factory=list)
    """A sentence for each file that could not be read."""


def import_files(lake: Warehouse, objects: Sequence[SourceObject], *, now: datetime, domain: str = "") -> Imported:
    """Load files into their tables; those that cannot be read are told and left out, each whole."""
    done = Imported()
    found: Rows = {}
    for one in objects:
        try:
            rows = list(_read_file(one, domain))
        except (UnreadableError, TornError) as error:
            done.refused.append(f"{one.uri} is left out: {error}.")
            continue
        done.files += 1
        for table, row in rows:
            found.setdefault(table, []).append(row | {"imported_at": now, "object_uri": one.uri})
    with lake.transaction():
        for table, rows_of in found.items():
            done.rows[table] = _write(lake, table, rows_of)
    return done


def _read_file(one: SourceObject, domain: str) -> Iterator[tuple[str, dict[str, Any]]]:
    content = _take(read_content(one))
    stem = PurePath(one.uri).name.removesuffix(".gz").rpartition(".")[0]
    named = domain or (stem if postmaster.is_domain(stem) else "")
    start = content.lstrip()[:4096]
    if start[:1] in (b"{", b"["):
        yield from _read_google(content, named)
    elif b"<feedback" in start or start.startswith(b"<?xml"):
        for row in parse_report(_decode(content)):
            yield "raw.dmarc_records", row
    elif is_snds(_decode(start)):
        for row in parse_snds(_decode(content)):
            yield "raw.snds_days", row
    elif _MAIL.search(start):
        yield from _read_mail(content)
    else:
        raise UnreadableError(
            "it is neither an answer of Google's Postmaster Tools (JSON), nor SNDS's data (CSV), nor a DMARC report "
            "(XML, packed or in a mail)"
        )


def _read_google(content: bytes, domain: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        answers: Any = msgspec.json.decode(content)
    except msgspec.DecodeError:
        try:
            answers = [msgspec.json.decode(line) for line in content.splitlines() if line.strip()]
        except msgspec.DecodeError:
            raise UnreadableError("it is no whole JSON") from None
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    if not is_google(answers):
        raise UnreadableError("it is JSON, but none of Google's Postmaster Tools (domainStats or complianceData)")
    for answer in answers if isinstance(answers, list) else [answers]:
        for row in parse_stats(answer, domain):
            yield "raw.google_stats", row
        for row in parse_compliance(answer, domain):
            yield "raw.google_compliance", row


def _read_mail(content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """The reports that a mail has attached."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    reports = []
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart() or kind in ("text/plain", "text/html"):
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            text = _take(read_chunks(BytesIO(payload)))
            if b"<feedback" in text[:4096]:
                reports.append(_decode(text))
    if not reports:
        raise UnreadableError("it is a mail without a DMARC aggregate report")
    for report in reports:
        for row in parse_report(report):
            yield "raw.dmarc_records", row


def _take(chunks: Iterable[bytes]) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > MOST_BYTES:
            raise UnreadableError(f"it holds more than {MOST_BYTES >> 20} MB, unpacked")
    return bytes(found)


def _decode(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")


def _write(lake: Warehouse, table: str, rows: Sequence[dict[str, Any]]) -> int:
    """Put rows in the place of those with the same key; of several in one import the last counts."""
    keys = KEYS[table]
    last = list({tuple(row[key] for key in keys): row for row in rows}.values())
    lake.execute(f"create or replace temp table imported as select * from {table} limit 0")
    lake.insert("imported", last)
    same = " and ".join(f'old."{key}" = new."{key}"' for key in keys)
    lake.execute(
        f"merge into {table} as old using imported as new on {same} "
        "when matched then update when not matched then insert"
    )
    lake.execute("drop table imported")
    return len(last)
