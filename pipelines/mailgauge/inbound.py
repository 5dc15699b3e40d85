"""Inbound receipt notifications: what SES found of a message it received for the account, as rows.

The shape: AWS, Contents of notifications for Amazon SES email receiving. The message itself (content) is not kept.
"""

from __future__ import annotations

from typing import Any

from mailgauge.fields import domain_of, from_domain, identify, parse_arn, plain_address, read_number, read_time
from mailgauge.shapes import TEXT, TEXTS, MisfitError, fit_document

CHECKS = ("spam", "virus", "spf", "dkim", "dmarc")
"""What SES checks of a message; the verdict of each is PASS, FAIL, GRAY or PROCESSING_FAILED."""

_SHAPE: dict[str, Any] = {
    "mail": {
        "timestamp": TEXT,
        "messageId": TEXT,
        "source": TEXT,
        "destination": TEXTS,
        "commonHeaders": {"from": TEXTS, "subject": TEXT},
    },
    "receipt": {
        "timestamp": TEXT,
        "processingTimeMillis": TEXT,
        "recipients": TEXTS,
        **{f"{check}Verdict": {"status": TEXT} for check in CHECKS},
        "dmarcPolicy": TEXT,
        "action": {
            "type": TEXT,
            "topicArn": TEXT,
            "functionArn": TEXT,
            "organizationArn": TEXT,
            "bucketName": TEXT,
            "objectKey": TEXT,
            "smtpReplyCode": TEXT,
            "statusCode": TEXT,
        },
    },
}


def parse_receipt(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of raw.inbound_receipts that a notification makes, or MisfitError."""
    known = fit_document(document, _SHAPE)
    mail, receipt = known.get("mail", {}), known.get("receipt", {})
    action = receipt.get("action", {})
    message_id = mail.get("messageId")
    if not (message_id or "").strip():
        raise MisfitError("it has no mail.messageId")
    occurred_at = read_time(receipt.get("timestamp", mail.get("timestamp")), "receipt.timestamp")
    target = _name_target(action)
    headers = mail.get("commonHeaders", {})
    shared = {
        "occurred_at": occurred_at,
        "day": occurred_at.date(),
        "message_id": message_id,
        **_find_place(action),
        "source": plain_address(mail.get("source")),
        "from_domain": from_domain(next(iter(headers.get("from", [])), None) or mail.get("source")),
        "subject": headers.get("subject"),
        **{f"{check}_verdict": receipt.get(f"{check}Verdict", {}).get("status") for check in CHECKS},
        "dmarc_policy": receipt.get("dmarcPolicy"),
        "action": action.get("type"),
        "action_target": target,
        "smtp_reply_code": action.get("smtpReplyCode"),
        "status": action.get("statusCode"),
        "processing_time_millis": read_number(receipt.get("processingTimeMillis")),
    }
    rows = []
    for index, address in enumerate(receipt.get("recipients") or mail.get("destination") or [None], start=1):
        recipient = plain_address(address)
        rows.append(
            {
                "event_id": identify(message_id, recipient, action.get("type"), target, occurred_at),
                **shared,
                "recipient": recipient,
                "recipient_domain": domain_of(recipient),
                "recipient_index": index,
            }
        )
    return rows


def _name_target(action: dict[str, Any]) -> str | None:
    """What the action was done with: a function, an organisation, a stored object or a topic."""
    if action.get("bucketName"):
        return f"{action['bucketName']}/{action.get('objectKey', '')}"
    return action.get("functionArn") or action.get("organizationArn") or action.get("topicArn")


def _find_place(action: dict[str, Any]) -> dict[str, Any]:
    """The account and region: the notification names them only in the resources of its action."""
    for key in ("functionArn", "organizationArn", "topicArn"):
        arn = parse_arn(action.get(key))
        if arn.account_id:
            return {"account_id": arn.account_id, "region": arn.region}
    return {"account_id": None, "region": None}
