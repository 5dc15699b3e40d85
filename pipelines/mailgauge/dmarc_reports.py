"""The one edge to parsedmarc: DMARC aggregate reports (RFC 9990 and older) as rows, one a record of a report."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import parsedmarc

from mailgauge.postmaster import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator


logging.getLogger(parsedmarc.__name__).addHandler(logging.NullHandler())  # what it drops is told by us

_NEVER = 1e9
"""Hours from which on parsedmarc parts a report into days, whose counts would be guesses."""


def parse_report(xml: str) -> Iterator[dict[str, Any]]:
    """The rows of raw.dmarc_records in a report; nothing is asked of any network.

    parsedmarc mends what is cut off and passes over records that it cannot read: a report is taken whole or not at all.
    """
    written = _count_records(xml)
    try:
        report = parsedmarc.parse_aggregate_report_xml(xml, offline=True, normalize_timespan_threshold_hours=_NEVER)
    except (parsedmarc.ParserError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(f"it is no DMARC aggregate report ({str(error)[:100] or type(error).__name__})") from None
    if len(report["records"]) != written:
        raise UnreadableError(f"it has {written - len(report['records'])} of {written} records that cannot be read")
    about = report["report_metadata"]
    policy = report["policy_published"]
    for place, record in enumerate(report["records"], 1):
        told = record["identifiers"]
        dkim, spf = _pick(record["auth_results"]["dkim"]), _pick(record["auth_results"]["spf"])
        began = _read_time(about["begin_date"])
        yield {
            "reporter": str(about["org_name"]),
            "report_id": str(about["report_id"]),
            "record_index": place,
            "day": began.date(),
            "began_at": began,
            "ended_at": _read_time(about["end_date"]),
            "policy_domain": str(policy["domain"]).lower(),
            "policy": policy.get("p"),
            "header_from": str(told["header_from"]).lower(),
            "envelope_from": told.get("envelope_from"),
            "source_ip": record["source"]["ip_address"],
            "messages": int(record["count"]),
            "disposition": record["policy_evaluated"]["disposition"],
            "is_dkim_aligned": bool(record["alignment"]["dkim"]),
            "is_spf_aligned": bool(record["alignment"]["spf"]),
            "dkim_domain": dkim.get("domain"),
            "dkim_selector": dkim.get("selector"),
            "dkim_result": dkim.get("result"),
            "spf_domain": spf.get("domain"),
            "spf_result": spf.get("result"),
        }


def _count_records(xml: str) -> int:
    """How many records a report has; UnreadableError where it is not well formed, or defines entities."""
    found = 0

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal found
        found += name.rpartition(":")[2] == "record"

    def refuse(*_: object) -> None:
        raise UnreadableError("it has a document type, which no report needs")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise UnreadableError(f"it is no whole XML ({error})") from None
    return found


def _pick(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The result that says most: one that passed, else the first."""
    return next((one for one in results if one.get("result") == "pass"), results[0] if results else {})


def _read_time(text: str) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableError(f"it has a time that cannot be read: {text[:30]}") from None
    return told.astimezone(UTC).replace(tzinfo=None) if told.tzinfo else told
