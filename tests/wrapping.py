"""Envelopes to put around a document, as SNS, EventBridge, Lambda, SQS and CloudWatch Logs make them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

TOPIC = "arn:aws:sns:eu-west-1:111122223333:ses-events"


def sns(document: Any, *, ending: str = "\n") -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "5f0c1d9e-0000-4000-8000-000000000001",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": json.dumps(document) + ending,
        "Timestamp": "2026-03-30T01:36:05.300Z",
        "Signature": "c2lnbmF0dXJl",
    }


def sns_twice(document: Any) -> dict[str, Any]:
    """A Message that was made JSON text twice."""
    return sns(json.dumps(document), ending="")


def lambda_event(document: Any) -> dict[str, Any]:
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns(document)}]}


def sqs_event(document: Any) -> dict[str, Any]:
    return {"Records": [{"messageId": "1", "body": json.dumps(document), "eventSource": "aws:sqs"}]}


def sqs_messages(document: Any) -> dict[str, Any]:
    return {"Messages": [{"MessageId": "1", "ReceiptHandle": "x", "Body": json.dumps(document)}]}


def eventbridge(document: Any) -> dict[str, Any]:
    """Around an event, the detail; around anything else, the detail as text, as an input transformer may make it."""
    is_event = isinstance(document, dict) and "eventType" in document
    return {
        "version": "0",
        "id": "7a1b0000-0000-4000-8000-000000000001",
        "detail-type": "Email Delivered",
        "source": "aws.ses",
        "account": "111122223333",
        "time": "2026-03-30T01:36:02Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": document if is_event else json.dumps(document),
    }


def log_events(document: Any) -> dict[str, Any]:
    """What a CloudWatch Logs subscription hands on."""
    entry = {"id": "0", "timestamp": 1774834560400, "message": json.dumps(document)}
    return {"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "ses", "logEvents": [entry]}


def listed(document: Any) -> list[Any]:
    return [document]


WRAPPERS: list[Callable[[Any], Any]] = [
    sns, sns_twice, lambda_event, sqs_event, sqs_messages, eventbridge, log_events, listed,
]  # fmt: skip
