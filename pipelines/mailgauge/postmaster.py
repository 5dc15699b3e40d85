"""What mailbox providers tell the sender themselves: Google's Postmaster Tools (API v2) and Microsoft's SNDS; pure.

The shapes: Google, Postmaster Tools API v2 (domains.domainStats.query, domains.getComplianceStatus); Microsoft, SNDS
automated data access (its columns have no names; what stands here is their published order, unverified).
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SPAM_RATE = "spam_rate"
VERDICTS = {
    "deliverabilityStatusVerdict": "DELIVERABILITY",
    "oneClickUnsubscribeVerdict": "ONE_CLICK_UNSUBSCRIBE",
    "honorUnsubscribeVerdict": "HONOR_UNSUBSCRIBE",
}
"""Google's verdicts beside the rows of its table, under the names of requirements."""

_DOMAIN = re.compile(r"([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*")
_SNDS_COLUMNS = 13
_SNDS_TIMES = ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")


class UnreadableError(Exception):
    """A file is not what a provider writes; the message is the end of a sentence."""


def is_domain(text: str) -> bool:
    """Whether a text is a domain name.

    >>> is_domain("shop.example"), is_domain("stats")
    (True, False)
    """
    return _DOMAIN.fullmatch(text.lower()) is not None


def is_google(value: Any) -> bool:  # noqa: ANN401 (any JSON)
    """Whether a JSON value is an answer of Google's API, or a list of them."""
    if isinstance(value, list):
        return bool(value) and all(map(is_google, value))
    return isinstance(value, dict) and bool({"domainStats", "complianceData"} & value.keys())


def parse_stats(value: dict[str, Any], domain: str) -> Iterator[dict[str, Any]]:
    """The rows of raw.google_stats in an answer; `domain` is taken where the answer names none.

    A metric has the name that the caller of the API gave it: what speaks of spam and of no feedback loop is the spam
    rate. A day without a value is left out, as Google has none for it.
    """
    stats = value.get("domainStats", [])
    if not isinstance(stats, list) or not all(isinstance(one, dict) for one in stats):
        raise UnreadableError("its domainStats is no list of objects")
    for one in stats:
        number = _read_number(one.get("value"))
        if number is not None:
            named = _name_domain(one.get("name")) or _name_domain(value.get("name")) or domain
            yield {
                "domain": _require_domain(named),
                "day": _read_day(one.get("date")),
                "metric": _name_metric(str(one.get("metric", ""))),
                "value": number,
            }


def parse_compliance(value: dict[str, Any], domain: str) -> Iterator[dict[str, Any]]:
    """The rows of raw.google_compliance in an answer: one a requirement, of the domain and of its subdomains."""
    for key in ("complianceData", "subdomainComplianceData"):
        data = value.get(key)
        if not isinstance(data, dict):
            continue
        named = data.get("domainId") or _name_domain(value.get("name")) or domain
        told = {"domain": _require_domain(str(named)), "is_of_subdomains": key != "complianceData"}
        for row in data.get("rowData") or ():
            if isinstance(row, dict) and (status := _read_status(row.get("status"))):
                yield told | {"requirement": str(row.get("requirement", "")), "status": status, "reason": None}
        for name, requirement in VERDICTS.items():
            verdict = data.get(name)
            if isinstance(verdict, dict) and (status := _read_status(verdict.get("status"))):
                reason = verdict.get("reason")
                yield told | {
                    "requirement": requirement,
                    "status": status,
                    "reason": str(reason) if reason else None,
                }


def _read_status(value: Any) -> str:  # noqa: ANN401 (any JSON)
    found = value.get("status", value.get("state")) if isinstance(value, dict) else value
    return "" if found in (None, "STATE_UNSPECIFIED", "STATUS_UNSPECIFIED") else str(found)


def _read_number(value: Any) -> float | None:  # noqa: ANN401 (any JSON)
    if not isinstance(value, dict):
        return None
    found = next((value[name] for name in ("doubleValue", "floatValue", "intValue") if name in value), None)
    try:
        return None if found is None else float(found)
    except (TypeError, ValueError):
        raise UnreadableError(f"a value is no number: {str(found)[:50]}") from None


def _read_day(value: Any) -> date:  # noqa: ANN401 (any JSON)
    try:
        return date(value["year"], value["month"], value["day"])
    except (KeyError, TypeError, ValueError):
        raise UnreadableError("a date is not of year, month and day") from None


def _name_metric(told: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", told).lower()).strip("_")
    return SPAM_RATE if "spam" in words and "feedback" not in words and "fbl" not in words else words


def _name_domain(name: Any) -> str:  # noqa: ANN401 (any JSON)
    found = re.match(r"domains/([^/]+)", name) if isinstance(name, str) else None
    return found.group(1) if found else ""


def _require_domain(name: str) -> str:
    if not is_domain(name):
        raise UnreadableError(
            "it names no domain: give it with --domain, or name the file after it (shop.example.json)"
        )
    return name.lower()


def is_snds(text: str) -> bool:
    """Whether a text begins as SNDS's data does: an IP address and a time."""
    return re.match(r'"?\d+\.\d+\.\d+\.\d+"?,"?\d+[/-]\d+[/-]\d+[ T]', text) is not None


def parse_snds(text: str) -> Iterator[dict[str, Any]]:
    """The rows of raw.snds_days in SNDS's data."""
    for place, row in enumerate(csv.reader(io.StringIO(text)), 1):
        if not row:
            continue
        if len(row) < _SNDS_COLUMNS:
            raise UnreadableError(f"line {place} has {len(row)} columns where SNDS writes {_SNDS_COLUMNS} or more")
        began, ended = (_read_time(cell, place) for cell in row[1:3])
        yield {
            "ip": row[0].strip(),
            "day": began.date(),
            "began_at": began,
            "ended_at": ended,
            "rcpt_commands": _read_count(row[3]),
            "data_commands": _read_count(row[4]),
            "message_recipients": _read_count(row[5]),
            "filter_result": row[6].strip().upper() or None,
            "complaint_rate": row[7].strip() or None,
            "trap_hits": _read_count(row[10]),
            "sample_helo": row[11].strip() or None,
            "sample_mail_from_domain": row[12].strip().rpartition("@")[2].lower() or None,
        }


def _read_time(text: str, place: int) -> datetime:
    for form in _SNDS_TIMES:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007 (the warehouse keeps UTC without saying so)
        except ValueError:
            continue
    raise UnreadableError(f"line {place} has a time that cannot be read: {text[:30]}")


def _read_count(text: str) -> int | None:
    digits = text.strip().replace(",", "")
    return int(digits) if digits.isdigit() else None
