"""What AWS itself finds: Virtual Deliverability Manager's advisor and the tenants' reputation, told by EventBridge.

The shapes: AWS, Monitoring with EventBridge (advisor recommendations, tenant findings, sending status).
"""

from __future__ import annotations

from typing import Any

from mailgauge.fields import identify, parse_arn, read_time
from mailgauge.shapes import JSON, TEXT, TEXTS, MisfitError, fit_document

_ENVELOPE: dict[str, Any] = {
    "detail-type": TEXT,
    "account": TEXT,
    "region": TEXT,
    "time": JSON,
    "resources": TEXTS,
}
_FINDING = _ENVELOPE | {"detail": {"data": TEXT, "metadata": {"impact": TEXT, "type": TEXT}}}
_STATUS = _ENVELOPE | {
    "detail": {"data": {"origin": TEXT, "record": {"status": TEXT, "cause": TEXT, "lastUpdatedTimestamp": JSON}}}
}
_STATUS_OF = {"Open": "OPEN", "Resolved": "FIXED"}
"""EventBridge's word: the word of the SES API, and ours."""


def parse_finding(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of raw.aws_findings that an EventBridge event makes, or MisfitError."""
    known = fit_document(document, _FINDING)
    detail = known.get("detail", {})
    metadata = detail.get("metadata", {})
    message = (detail.get("data") or "").strip()
    if not message:
        raise MisfitError("its detail has no data")
    occurred_at = read_time(known.get("time"), "time")
    word = _last_word(known)
    status = _STATUS_OF.get(word, word.upper())
    return [
        {
            "event_id": identify(place["resource_arn"], status, message, occurred_at),
            "occurred_at": occurred_at,
            "day": occurred_at.date(),
            **place,
            "status": status,
            "impact": metadata.get("impact"),
            "finding_type": metadata.get("type"),
            "message": message,
        }
        for place in _list_places(known)
    ]


def parse_status(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of raw.tenant_statuses that an EventBridge event makes, or MisfitError."""
    known = fit_document(document, _STATUS)
    data = known.get("detail", {}).get("data", {})
    record = data.get("record", {})
    occurred_at = read_time(known.get("time"), "time")
    told = record.get("lastUpdatedTimestamp")
    changed_at = occurred_at if told is None else read_time(told, "lastUpdatedTimestamp")
    status = (record.get("status") or _last_word(known)).upper()
    return [
        {
            "event_id": identify(place["resource_arn"], data.get("origin"), status, changed_at, occurred_at),
            "occurred_at": occurred_at,
            "day": occurred_at.date(),
            **{key: part for key, part in place.items() if key != "identity"},
            "origin": data.get("origin"),
            "status": status,
            "cause": record.get("cause"),
            "changed_at": changed_at,
        }
        for place in _list_places(known)
    ]


def _last_word(known: dict[str, Any]) -> str:
    return str(known.get("detail-type", "")).rpartition(" ")[2]


def _list_places(known: dict[str, Any]) -> list[dict[str, Any]]:
    """Each resource that the event is about, by name."""
    resources = [resource for resource in known.get("resources", []) if resource]
    if not resources:
        raise MisfitError("it names no resource")
    return [_name_place(known, resource) for resource in resources]


def _name_place(known: dict[str, Any], resource: str) -> dict[str, Any]:
    arn = parse_arn(resource)
    kind, _, name = arn.resource.partition("/")
    tenant, _, tenant_id = name.partition("/") if kind == "tenant" else ("", "", "")
    return {
        "account_id": known.get("account") or arn.account_id,
        "region": known.get("region") or arn.region,
        "resource_arn": resource,
        "identity": name or None if kind == "identity" else None,
        "tenant": tenant or None,
        "tenant_id": tenant_id or None,
    }
