"""Pinpoint's e-mail events say the same as SES's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from documents import FIXTURES
from mailgauge.pinpoint import translate_event
from mailgauge.shapes import fit_event


def read(name: str) -> dict[str, Any]:
    document = json.loads((FIXTURES.parent / "envelopes" / f"pinpoint-{name}.json").read_text(encoding="utf-8"))
    event = translate_event(document)
    assert event
    assert event["_origin"] == "pinpoint"
    return fit_event(event)


def test_what_all_events_of_a_message_share() -> None:
    assert read("send") == {
        "eventType": "Send",
        "mail": {
            "timestamp": "2026-03-30T01:36:00.400Z",
            "messageId": "0102019d3c2a5b10-00a1b2c3-0000-4000-8000-00000000000a-000000",
            "source": "Acme Post <post@acme.example>",
            "sendingAccountId": "111122223333",
            "destination": ["anna@gmail.com"],
            "tags": {
                "campaign_id": ["c1"],
                "treatment_id": ["0"],
                "campaign_activity_id": ["a1"],
                "app_id": ["5c0ffee0000040008000000000000001"],
            },
            "commonHeaders": {"from": ["Acme Post <post@acme.example>"], "subject": "Spring is here"},
            "headers": [{"name": "Subject", "value": "Spring is here"}],
            "headersTruncated": "false",
        },
    }


def test_a_delivery_happened_when_it_arrived() -> None:
    assert read("delivered")["delivery"] == {
        "timestamp": "2026-03-30T01:36:01.710Z",
        "recipients": ["anna@gmail.com"],
        "smtpResponse": "250 2.0.0 OK - gsmtp",
        "processingTimeMillis": "1310",
        "reportingMTA": "a7-10.smtp-out.eu-west-1.amazonses.com",
    }


def test_an_open_and_a_click_name_their_reader() -> None:
    assert read("open")["open"]["ipAddress"] == "203.0.113.5"
    assert read("click")["click"]["link"] == "https://acme.example/spring"


def test_hard_is_permanent_and_soft_is_transient() -> None:
    assert read("hardbounce")["bounce"] == {"timestamp": "2026-03-30T01:36:05.400Z", "bounceType": "Permanent"}
    soft = read("softbounce")
    assert soft["bounce"]["bounceType"] == "Transient"
    assert soft["bounce"]["bounceSubType"] == "MailboxFull"
    assert soft["bounce"]["bouncedRecipients"] == [
        {"emailAddress": "anna@gmail.com", "status": "4.2.2", "diagnosticCode": "smtp; 452 4.2.2 full"}
    ]
    assert soft["mail"]["tags"]["journey_id"] == ["j1"]


def test_an_unsubscribe_is_a_subscription_to_nothing() -> None:
    event = read("unsubscribe")
    assert event["eventType"] == "Subscription"
    assert json.loads(event["subscription"]["newTopicPreferences"]) == {"unsubscribeAll": True}


@pytest.mark.parametrize("time", ["2026-03-30T01:36:00Z", True, 1e300, None])
def test_a_time_that_is_no_number_of_milliseconds_is_left_for_the_reader_to_judge(time: object) -> None:
    event = translate_event({"event_type": "_email.open", "arrival_timestamp": time})
    assert event
    assert event["open"].get("timestamp") in (time, str(time), None)
