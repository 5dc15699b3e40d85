"""Pages for tests: a small fixed one, and counts to fill a warehouse with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from mailgauge.findings import HIGH, Finding
from mailgauge.page_figures import (
    CLICK,
    COMPLAINT,
    DELAYED,
    DELIVERY,
    METRICS,
    OPEN,
    OVERALL,
    PERMANENT,
    SUPPRESSED,
    TRANSIENT,
    Bounces,
    Figures,
    OpenIncident,
    Part,
    UnknownText,
    Window,
)
from mailgauge.page_machines import Readers
from mailgauge.page_parts import compose_page
from mailgauge.page_streams import Ingress, Received, Rule
from mailgauge.page_tables import sum_parts
from mailgauge.pages import Page
from mailgauge.rates import Rate
from mailgauge.recommendations import AwsFinding
from mailgauge.status import Status

DAY = date(2026, 3, 17)
NOW = datetime(2026, 3, 18, 3)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)

MEMBERS = "sends attempts deliveries permanent_bounces transient_bounces complaints feedback_deliveries opens clicks"
COUNTS = [
    *MEMBERS.split(),
    *["undetermined_bounces", "suppressed", "auto_replies", "rejects", "rendering_failures", "delivery_delays"],
    *["sends_unseen", "not_spam", "human_opens", "human_clicks", "unsubscribes"],
]
"""The counts of marts.daily."""


def count(day: date, identity: str | None, isp: str, *counts: int, **dimensions: str | None) -> dict[str, Any]:
    """A row of marts.daily; `counts` are those of MEMBERS, in order, and the rest is 0."""
    named = dict(zip(MEMBERS.split(), counts, strict=True))
    where = {"account_id": "111122223333", "region": "eu-west-1", "configuration_set": "letters", "tenant": None}
    return {"day": day, "identity": identity, "isp": isp} | where | dimensions | dict.fromkeys(COUNTS, 0) | named


def rates(row: Mapping[str, Any]) -> dict[str, Rate]:
    """The rates that the metrics make of a row of counts."""
    made = {
        DELIVERY: Rate(row["deliveries"], row["attempts"]),
        PERMANENT: Rate(row["permanent_bounces"], row["attempts"]),
        TRANSIENT: Rate(row["transient_bounces"], row["attempts"]),
        DELAYED: Rate(row["delivery_delays"], row["attempts"]),
        COMPLAINT: Rate(row["complaints"], row["feedback_deliveries"]),
        OVERALL: Rate(row["complaints"], row["deliveries"]),
        OPEN: Rate(row["opens"], row["deliveries"]),
        CLICK: Rate(row["clicks"], row["deliveries"]),
        SUPPRESSED: Rate(row["suppressed"], row["sends"]),
    }
    assert set(made) == set(METRICS)
    return {metric.name: rate for metric, rate in made.items()}


def list_counts(identity: str = "news.shop.example", letters: str = "letters") -> list[dict[str, Any]]:
    """Eight days, one of them without mail; on the last the complaints at Yahoo rise."""
    rows = []
    for back in (7, 6, 5, 4, 2, 1):
        day = DAY - timedelta(days=back)
        rows.append(
            count(day, identity, "Yahoo", 3000, 3000, 2970, 20, 10, 2, 2970, 600, 60, configuration_set=letters)
        )
        rows.append(count(day, "mail.acme.example", "Gmail", 2000, 2000, 1980, 15, 5, 0, 0, 700, 90))
    rows.append(count(DAY, identity, "Yahoo", 4000, 4000, 3700, 240, 60, 34, 3700, 640, 62, configuration_set=letters))
    rows.append(count(DAY, "mail.acme.example", "Gmail", 2000, 2000, 1981, 14, 5, 0, 0, 690, 88))
    rows.append(count(DAY, None, "Orange", 40, 40, 39, 1, 0, 0, 39, 8, 1, configuration_set=None))
    return rows


def make_status(**changes: Any) -> Status:
    """A warehouse in order."""
    usual: dict[str, Any] = {
        "objects_loaded": 12,
        "objects_failed": 0,
        "records": 1010,
        "loaded": 1000,
        "duplicates": 7,
        "quarantined": 3,
        "ignored": 0,
        "files": 9,
        "event_rows": 1004,
        "sends": 33040,
        "sends_unseen": 0,
        "sends_unseen_share": 0.0,
        "newest_event_at": datetime(2026, 3, 18, 1),  # noqa: DTZ001 (UTC, as everywhere)
        "last_ingest_at": NOW,
        "last_build_at": NOW,
        "unbuilt_objects": 0,
        "snapshot": 41,
        "failed": [],
        "reasons": [{"reason": "no message id", "records": 3}],
        "disagreements": [],
    }
    return Status(**usual | changes)


def make_finding(**changes: Any) -> Finding:
    """A finding that was just seen."""
    usual: dict[str, Any] = {
        "check": "dmarc_policy",
        "resource": "identity:news.shop.example",
        "kind": "missing",
        "impact": HIGH,
        "title": "news.shop.example has no DMARC record.",
        "evidence": {"name": "_dmarc.news.shop.example", "records": []},
        "remedy": "Publish this TXT record:\n_dmarc.news.shop.example TXT v=DMARC1; p=none",
        "reference_urls": ("https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html",),
        "first_seen_at": NOW,
        "last_seen_at": NOW,
    }
    return Finding(**usual | changes)


def _bounces(reason: str, kind: str, isp: str, count: int, before: int) -> Bounces:
    meaning, remedy = {
        "invalid_recipient": ("No such mailbox", "Take the address off every list."),
        "mailbox_full": ("Mailbox full", "Keep the address; stop after several weeks of it."),
    }[reason]
    return Bounces(reason, kind, isp, meaning, remedy, count, before)


def make_figures(rows: list[dict[str, Any]] | None = None, **changes: Any) -> Figures:
    """The figures of `rows` of counts, or of `list_counts()`."""
    counts = list_counts() if rows is None else rows
    cells = _group(counts, "identity", "isp")
    days = [DAY - timedelta(days=back) for back in range(8)]
    usual: dict[str, Any] = {
        "day": DAY,
        "made_at": NOW,
        "trend_days": 8,
        "minimum": 100,
        "min_complaints": 3,
        "alert_line": 0.003,
        "whole": sum_parts(cells, days),
        "parts": {key: _group(counts, key) for key in ("isp", "identity", "configuration_set", "tenant", "account_id")},
        "cells": tuple(part for part in cells if DAY in part.days),
        "sets": _group(counts, "identity", "configuration_set"),
        "subjects": (_subject("Your parcel waits", 24, 900), _subject("A present for you", 8, 1100)),
        "bounces": (
            _bounces("invalid_recipient", "permanent", "Yahoo", 240, 20),
            _bounces("mailbox_full", "transient", "Yahoo", 60, 10),
            _bounces("invalid_recipient", "permanent", "Gmail", 14, 15),
        ),
        "readers": (
            Readers(None, None, 900, 120),
            Readers("apple_privacy", "Apple Mail Privacy Protection", 410, 0),
            Readers("scanner_agent", "Scanner or program", 12, 44),
            Readers("click_burst", "Burst of clicks", 0, 9),
        ),
        "unknown_texts": (UnknownText("550 5.7.1 [host] says no, and not why (#[id])", 7, "Other"),),
        "events": (),
        "usual_since": None,
        "human": {OPEN.name: Rate(900, 5720), CLICK.name: Rate(120, 5720)},
        "windows": (
            Window(1, (), Rate(34, 3739)),
            Window(1, ("news.shop.example", "Yahoo"), Rate(34, 3700)),
            Window(7, (), Rate(46, 21559)),
        ),
        "incidents": (OpenIncident("news.shop.example", "Yahoo", DAY, DAY, Rate(34, 3700)),),
        "findings": (make_finding(),),
        "not_checked": ("DKIM not checked for shop.example: the look-up timed out.",),
        "status": make_status(),
        "banner": ("3 of 12 objects came late.",),
        "unseen": Rate(12, 6052),
        "unseen_month": Rate(40, 33080),
        "systems": list_systems(),
        "pools": {"bulk": ["198.51.100.7", "198.51.100.8"]},
        "aws": list_aws(),
        "received": list_received(),
        "ingress": (
            Ingress("front", None, 1200, 8400, Rate(0, 0), Rate(0, 0)),
            Ingress("front", "tp-a1", 0, 0, Rate(310, 2100), Rate(2000, 15_000)),
        ),
        "rules": (
            Rule("inbox", "archive", "WRITE_TO_S3", Rate(14, 1200), Rate(14, 8400), 2),
            Rule("inbox", "drop spam", "DROP", Rate(0, 90), Rate(0, 700), 0),
        ),
    }
    return Figures(**usual | changes)


def list_aws(identity: str = "news.shop.example", said: str = "Yahoo ISP has high complaint rate.") -> Any:
    """AWS speaks of an identity that we speak of, and of a tenant that we do not."""
    bounces = "The bounce rate exceeded 15.0% based on a representative volume of 197 emails."
    stopped = "AWS has stopped its sending: High bounce rate."
    return (
        AwsFinding(f"identity:{identity}", "recommendation", "COMPLAINT", None, said, NOW, "agree"),
        AwsFinding("tenant:acme", "recommendation", "BOUNCE", "HIGH", bounces, NOW, "disagree"),
        AwsFinding("tenant:acme", "sending_status", None, None, stopped, NOW),
    )


def list_systems(tenant: str = "acme", region: str = "eu-west-1", isp: str = "Yahoo") -> dict[str, Any]:
    """A tenant in trouble and one without, a region gone silent, a limit in sight, an address that warms up."""
    named = {"sends": 2000, "attempts": 2000, "feedback_deliveries": 1700, "is_disabled": False}
    fine = {"permanent_bounces": 4, "complaints": 0, "high_findings": 0, "low_findings": 0}
    bad = {"permanent_bounces": 340, "complaints": 9, "high_findings": 1, "low_findings": 2, "is_disabled": True}
    pauses = {"standard_pauses": True, "strict_pauses": True}
    place = {"account_id": "111122223333", "region": region}
    other = place | {"region": "us-east-1"}
    return {
        "tenants": [
            named | fine | {"tenant": "globex", "standard_pauses": False, "strict_pauses": False},
            named | bad | pauses | {"tenant": tenant},
        ],
        "regions": [
            place | {"sends": 9000, "share": 0.9, "shift": 0.65, "last_day": DAY, "is_silent": False},
            other | {"sends": 0, "share": 0.0, "shift": -0.75, "last_day": DAY - timedelta(days=7), "is_silent": True},
        ],
        "limits": [
            place
            | {"trailing_24_hours": 6000, "peak_24_hours": 6500, "quota_day": 8000, "used_day": 0.8125}
            | {"peak_second": 9, "quota_second": 14.0, "used_second": 0.643, "days_until": 12},
            other
            | {"trailing_24_hours": 0, "peak_24_hours": 4100, "quota_day": None, "used_day": None}
            | {"peak_second": None, "quota_second": None, "used_second": None, "days_until": None},
        ],
        "reputation": [
            place
            | {"recipients": 10_400, "since_hour": datetime(2026, 3, 16, 5), "bounces": 640, "complaints": 4}  # noqa: DTZ001
            | {"feedback_deliveries": 9000, "standing": "review"},
        ],
        "ip_days": [
            {"sending_ip": ip, "isp": name, "day": DAY - timedelta(days=back), "recipients": (50 - back) * size}
            | {"delayed": back % 3, "permanent_bounces": size, "first_day_of_ip": DAY - timedelta(days=age)}
            | {"is_new_ip": age < 45}
            for ip, age in (("198.51.100.7", 20), ("198.51.100.8", 60))
            for name, size in ((isp, 30), ("Gmail", 4))
            for back in range(min(age, 44), -1, -1)
        ],
    }


def list_received(domain: str = "shop.example") -> tuple[Received, ...]:
    """Mail received for two domains, one of them small."""
    failed = {"spam": 240, "virus": 3, "spf": 130, "dkim": 60, "dmarc": 90}
    return (
        Received(
            domain,
            2000,
            14_000,
            {check: Rate(many, 2000) for check, many in failed.items()},
            {check: Rate(many * 6, 14_000) for check, many in failed.items()},
            {"stored in S3": 1990, "handed to Lambda": 400, "bounced": 10},
        ),
        Received(
            "acme.example",
            7,
            220,
            {check: Rate(1, 7) for check in failed},
            {check: Rate(11, 220) for check in failed},
            {"sent to SNS": 7},
        ),
    )


def make_page(**changes: Any) -> Page:
    """A page as the figures make it."""
    return compose_page(make_figures(**changes))


def _subject(subject: str, complaints: int, deliveries: int) -> Part:
    names = ("news.shop.example", "Yahoo", subject)
    return Part(names, {DAY: {COMPLAINT.name: Rate(complaints, deliveries)}})


def _group(rows: list[dict[str, Any]], *keys: str) -> tuple[Part, ...]:
    days: dict[tuple[str | None, ...], dict[date, list[dict[str, Any]]]] = {}
    for row in rows:
        days.setdefault(tuple(row[key] for key in keys), {}).setdefault(row["day"], []).append(row)
    return tuple(
        Part(
            names, {day: rates({name: sum(row[name] for row in found) for name in COUNTS}) for day, found in by.items()}
        )
        for names, by in sorted(days.items(), key=lambda item: str(item[0]))
    )
