"""Mail Manager's logs as rows: messages let in, verdicts of traffic policies, what rules did.

The shapes: AWS, Mail Manager logging (ingress endpoint and rule set APPLICATION_LOGS, TRAFFIC_POLICY_DEBUG_LOGS).
"""

from __future__ import annotations

from typing import Any

from mailgauge.fields import domain_of, identify, parse_arn, plain_address, read_number, read_time
from mailgauge.shapes import JSON, TEXT, TEXTS, fit_document

_SHAPE: dict[str, Any] = {
    "resource_arn": TEXT,
    "event_timestamp": JSON,
    "ingress_point_type": TEXT,
    "ingress_point_name": TEXT,
    "ingress_point_id": TEXT,
    "ingress_point_session_id": TEXT,
    "ingress_point_metadata": TEXT,
    "message_id": TEXT,
    "message_size_bytes": TEXT,
    "sender_ip_address": TEXT,
    "smtp_mail_from": TEXT,
    "smtp_helo": TEXT,
    "tls_protocol": TEXT,
    "tls_cipher_suite": TEXT,
    "traffic_policy_id": TEXT,
    "traffic_policy_evaluation": TEXT,
    "traffic_policy_verdict": TEXT,
    "rule_set_id": TEXT,
    "rule_set_name": TEXT,
    "rule_name": TEXT,
    "rule_index": TEXT,
    "recipient": TEXT,
    "recipients": TEXTS,
    "recipients_matched": TEXTS,
    "action_metadata": {"action_name": TEXT, "action_index": TEXT, "action_status": TEXT, "action_failure": TEXT},
}
_AS_THEY_ARE = (
    "resource_arn", "ingress_point_type", "ingress_point_name", "ingress_point_session_id", "ingress_point_metadata",
    "message_id", "sender_ip_address", "smtp_helo", "tls_protocol", "tls_cipher_suite", "traffic_policy_id",
    "traffic_policy_evaluation", "traffic_policy_verdict", "rule_set_name", "rule_name",
)  # fmt: skip
_TELLS_APART = (
    "log_type", "resource_arn", "occurred_at", "message_id", "ingress_point_session_id", "traffic_policy_id",
    "traffic_policy_verdict", "rule_name", "rule_index", "action_name", "action_index", "action_status",
)  # fmt: skip
_INGRESS_POINT, _RULE_SET = "mailmanager-ingress-point/", "mailmanager-rule-set/"


def parse_log(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of raw.mail_manager_logs that a log entry makes, or MisfitError."""
    known = fit_document(document, _SHAPE)
    occurred_at = read_time(known.get("event_timestamp"), "event_timestamp")
    arn = parse_arn(known.get("resource_arn"))
    action = known.get("action_metadata", {})
    shared = {
        "log_type": _name_type(known),
        "occurred_at": occurred_at,
        "day": occurred_at.date(),
        "account_id": arn.account_id,
        "region": arn.region,
        **{name: known.get(name) for name in _AS_THEY_ARE},
        "ingress_point_id": known.get("ingress_point_id") or _behind(arn.resource, _INGRESS_POINT),
        "message_size_bytes": read_number(known.get("message_size_bytes")),
        "smtp_mail_from": plain_address(known.get("smtp_mail_from")),
        "rule_set_id": known.get("rule_set_id") or _behind(arn.resource, _RULE_SET),
        "rule_index": read_number(known.get("rule_index")),
        **{name: action.get(name) for name in ("action_name", "action_status", "action_failure")},
        "action_index": read_number(action.get("action_index")),
    }
    addresses = known.get("recipients") or known.get("recipients_matched") or [known.get("recipient")]
    identity = [shared[name] for name in _TELLS_APART]
    return [
        {"event_id": identify(*identity, recipient), **shared, **_name_recipient(recipient, index)}
        for index, recipient in enumerate(map(plain_address, addresses), start=1)
    ]


def _name_type(known: dict[str, Any]) -> str:
    if "rule_set_name" in known:
        return "rule"
    if "traffic_policy_id" in known or "traffic_policy_verdict" in known or "ingress_point_session_id" in known:
        return "traffic_policy"
    return "ingress"


def _behind(resource: str, kind: str) -> str | None:
    return resource.removeprefix(kind) if resource.startswith(kind) else None


def _name_recipient(recipient: str | None, index: int) -> dict[str, Any]:
    return {"recipient": recipient, "recipient_domain": domain_of(recipient), "recipient_index": index}
