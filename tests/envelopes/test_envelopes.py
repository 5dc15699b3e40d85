"""What a document is, told by its content; what is in an envelope is what was put in."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from documents import FIXTURES, all_types, as_lines, read_fixture, write_dump
from mailgauge.decoding import NotJsonError, decode_json
from mailgauge.envelopes import DEEPEST, VALIDATION, Kind, Letter, is_housekeeping, open_document, unwrap_event
from mailgauge.ingest import Ingested
from wrapping import WRAPPERS, eventbridge, lambda_event, sns, sqs_event

EVENTS = all_types()
EXTRA = FIXTURES.parent
DEEP: Any = json.loads("[" * (DEEPEST + 1) + "5" + "]" * (DEEPEST + 1))
CONTENTS = {
    **{f"events/{path.stem}": ["event"] for path in FIXTURES.glob("*.json")},
    "envelopes/legacy-bounce": ["event"],
    "envelopes/legacy-complaint": ["event"],
    "envelopes/legacy-delivery": ["event"],
    "envelopes/sns-around-an-event": ["event"],
    "envelopes/sns-around-a-legacy-bounce": ["event"],
    "envelopes/sns-encoded-twice": ["event"],
    "envelopes/eventbridge-around-an-event": ["event"],
    "envelopes/lambda-with-two-events": ["event", "event"],
    "envelopes/sqs-with-sns-with-eventbridge": ["event"],
    "envelopes/ignored-sns-subscription-confirmation": ["ignored"],
    "envelopes/ignored-sns-topic-validated": ["ignored"],
    "envelopes/ignored-sns-topic-of-an-identity": ["ignored"],
    "envelopes/ignored-pinpoint-campaign": ["ignored"],
    "streams/inbound-lambda": ["inbound"],
    "streams/inbound-spoofed": ["inbound"],
    "streams/inbound-stored": ["inbound"],
    "streams/tenant-status-disabled-by-aws": ["tenant_status"],
    "streams/tenant-status-enabled-by-customer": ["tenant_status"],
    **{f"envelopes/{path.stem}": ["event"] for path in (EXTRA / "envelopes").glob("pinpoint-*.json")},
    **{f"streams/{path.stem}": ["aws_finding"] for path in (EXTRA / "streams").glob("finding-*.json")},
    **{f"streams/{path.stem}": ["mail_manager"] for path in (EXTRA / "streams").glob("mail-manager-*.json")},
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
KEYS = (
    "eventType", "mail", "Type", "TopicArn", "Message", "Records", "Sns", "ses", "body", "Body", "Messages",
    "logEvents", "message", "id", "timestamp", "detail-type", "detail", "notificationType", "event_type",
    "arrival_timestamp", "facets", "email_channel", "mail_event", "attributes", "rawData", "s3", "_origin",
    "rule_set_name", "awsAccountId", "common_headers", "from", "message_send_timestamp",
)  # fmt: skip
WORDS = (
    "Bounce", "Received", "Notification", "SubscriptionConfirmation", "_email.send", "_email.hardbounce", "_email.x",
    "_SMS.SUCCESS", "Email Sent", "Advisor Recommendation Status Open", "Sending Status Enabled", VALIDATION, "{", "[[",
    '"x"', '{"eventType":1e999}', '{"eventType":"\\ud800"}',
)  # fmt: skip
near_misses = st.recursive(
    st.sampled_from(WORDS) | st.none() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=30,
)


def read(name: str) -> Any:
    return json.loads((EXTRA / f"{name}.json").read_text(encoding="utf-8"))


def kinds(value: object) -> list[str]:
    return [str(letter.kind) for letter in open_document(value)]


def reason(value: object) -> str:
    (letter,) = open_document(value)
    assert letter.kind is Kind.UNREADABLE
    return str(letter.reason)


@pytest.mark.parametrize("name", sorted(CONTENTS))
def test_a_document_is_told_by_its_content(name: str) -> None:
    letters = open_document(read(name))
    assert [str(letter.kind) for letter in letters] == CONTENTS[name]
    for letter in letters:
        assert (letter.reason is not None) == (letter.kind is Kind.IGNORED)


def test_every_fixture_is_in_the_table() -> None:
    names = {f"{folder}/{p.stem}" for folder in ("envelopes", "streams") for p in (EXTRA / folder).glob("*.json")}
    assert names <= CONTENTS.keys()


@given(st.sampled_from(EVENTS), st.lists(st.sampled_from(WRAPPERS), max_size=4))
def test_any_nesting_of_envelopes_yields_the_event(event: dict[str, Any], wrappers: list[Callable[[Any], Any]]) -> None:
    wrapped = reduce(lambda inner, wrap: wrap(inner), wrappers, event)
    assert open_document(wrapped) == [Letter(Kind.EVENT, event)]


@given(st.lists(st.sampled_from([*EVENTS, read("streams/finding-spf-open"), 5, sns(EVENTS[0])]), min_size=1))
def test_a_list_yields_every_letter_in_its_order(documents: list[Any]) -> None:
    assert open_document(documents) == [letter for document in documents for letter in open_document(document)]


@given(json_values | near_misses)
@example([[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]])
@example({"Message": json.dumps("[" * 3000), "TopicArn": ""})
@example({"Message": "[" * 3000 + "]" * 3000, "TopicArn": ""})
@example({"Message": "[" * 900_000 + "]" * 900_000, "TopicArn": ""})
@example({"Message": "\ud800", "TopicArn": ""})
@example({"Message": '{"eventType": ' + "9" * 5000 + "}", "TopicArn": ""})
@example({"event_type": "_email.send", "arrival_timestamp": float("inf"), "facets": {"email_channel": 3}})
def test_no_document_raises_and_each_yields_a_letter(value: object) -> None:
    letters = open_document(value)
    assert letters
    for letter in letters:
        assert (letter.reason is None) or letter.reason.startswith(("it ", "its "))
        assert not (letter.kind is Kind.EVENT and "eventType" not in letter.document)


@given(st.binary() | st.text().map(str.encode) | near_misses.map(lambda value: json.dumps(value).encode()))
def test_no_text_raises_but_as_documented(text: bytes) -> None:
    unwrap_event(text)
    with suppress(NotJsonError):
        decode_json(text)


@given(st.sampled_from(EVENTS), st.lists(st.sampled_from([sns, eventbridge]), max_size=3))
def test_the_quick_way_finds_the_same_event(event: dict[str, Any], wrappers: list[Callable[[Any], Any]]) -> None:
    wrapped = reduce(lambda inner, wrap: wrap(inner), wrappers, event)
    text = unwrap_event(json.dumps(wrapped).encode())
    if text is None:  # EventBridge around SNS is left to open_document
        assert not wrappers or wrapped.get("detail", {}) is not event
    else:
        assert b"\n" not in text
        assert [Letter(Kind.EVENT, json.loads(text))] == open_document(wrapped)


def test_the_quick_way_knows_sns_and_eventbridge() -> None:
    event = EVENTS[0]
    last = {key: event[key] for key in reversed(event)}
    for wrapped in (sns(event), eventbridge(event), sns(eventbridge(event)), sns(last), eventbridge(last)):
        text = unwrap_event(json.dumps(wrapped).encode())
        assert text
        assert json.loads(text) == event
    pretty = sns(event) | {"Message": json.dumps(event, indent=2)}
    assert json.loads(unwrap_event(json.dumps(pretty).encode()) or b"") == event


@pytest.mark.parametrize(
    "value",
    [
        EVENTS[0],
        lambda_event(EVENTS[0]),
        sns("x"),
        read("envelopes/legacy-bounce"),
        read("envelopes/sns-around-a-legacy-bounce"),
        read("envelopes/ignored-sns-subscription-confirmation"),
        read("streams/finding-spf-open"),
    ],
)
def test_the_quick_way_leaves_the_rest_to_open_document(value: object) -> None:
    assert unwrap_event(json.dumps(value).encode()) is None


@pytest.mark.parametrize("name", ["bounce", "complaint", "delivery"])
def test_a_legacy_notification_is_the_event_of_the_other_channel(name: str) -> None:
    event = read_fixture("bounce-permanent" if name == "bounce" else name)
    (letter,) = open_document(read(f"envelopes/legacy-{name}"))
    told = letter.document
    assert told["eventType"] == event["eventType"]
    assert told[name] == event[name]
    assert told["mail"]["messageId"] == event["mail"]["messageId"]
    assert "tags" not in told["mail"]


def test_one_bad_record_of_several_does_not_take_the_others_along() -> None:
    good = sqs_event(EVENTS[0])["Records"]
    letters = open_document({"Records": [*good, {"body": "{"}, 7, *good]})
    assert [str(letter.kind) for letter in letters] == ["event", "unreadable", "unreadable", "event"]
    assert letters[1].document == "{"
    assert [letter.reason for letter in letters[1:3]] == [
        "its SQS body is cut off: the JSON does not end",
        "it is a number, not an event",
    ]


def test_origin_is_ours_to_say() -> None:
    (letter,) = open_document(EVENTS[0] | {"_origin": "elsewhere"})
    assert letter.document == EVENTS[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "it has no eventType"),
        (5, "it is a number, not an event"),
        (None, "it is null, not an event"),
        ("Send", "it is text, not an event"),
        (["x"], "it is text, not an event"),
        (sns("hello", ending=""), "its SNS Message is not JSON"),
        ({"TopicArn": "t", "Message": "hello"}, "its SNS Message is not JSON"),
        ({"TopicArn": "t", "Message": '{"a": 1, b}'}, "its SNS Message is not valid JSON"),
        ({"TopicArn": "t", "Message": 5}, "its SNS Message is a number where text belongs"),
        ({"TopicArn": "t", "Type": "Notification"}, "it is an SNS envelope without a Message"),
        ({"Records": "x"}, "its Records is text where a list belongs"),
        ({"Records": [{"EventSource": "aws:sns"}]}, "it has no eventType"),
        ({"Records": [{"Sns": 3}]}, "its Sns is a number where an object belongs"),
        ({"Records": [{"s3": {}}]}, "it is an S3 event notification"),
        ({"detail-type": "Email Sent", "detail": {}}, "its EventBridge detail has no eventType (Email Sent)"),
        ({"detail-type": "EC2", "detail": {}}, "it is an EventBridge event that is none of SES's (EC2)"),
        ({"detail-type": "EC2"}, "it is an EventBridge envelope without a detail"),
        ({"notificationType": "Fax"}, "its notificationType is none of SES's: Fax"),
        ({"event_type": "_email.teleport"}, "its event_type is none of Pinpoint's e-mail events: _email.teleport"),
        ({"event_type": "_email.send", "facets": 1}, None),
        (DEEP, "it is more than 16 envelopes and lists deep"),
    ],
)
def test_what_cannot_be_read_is_told(value: object, words: str | None) -> None:
    if words is None:
        assert kinds(value) == ["event"]
    else:
        assert reason(value).startswith(words)


def test_a_failed_delivery_is_named() -> None:
    (letter,) = open_document({"attemptsMade": 4, "errorCode": "Lambda.X", "rawData": "e30="})
    assert letter.kind is Kind.FAILED_DELIVERY
    assert "--recover-failed" in str(letter.reason)


def test_an_empty_envelope_is_ignored() -> None:
    assert kinds({"Records": []}) == ["ignored"]
    assert kinds([]) == ["ignored"]


def test_the_word_that_a_topic_works_is_housekeeping() -> None:
    assert is_housekeeping(f" {VALIDATION}\n")
    assert not is_housekeeping(f"{VALIDATION} Or not.")
    assert kinds(VALIDATION) == ["ignored"]


@pytest.mark.parametrize("name", ["bounce", "complaint", "delivery"])
def test_the_same_event_on_two_channels_counts_once(name: str, dumps: Path, load: Callable[..., Ingested]) -> None:
    event = read_fixture("bounce-permanent" if name == "bounce" else name)
    (letter,) = open_document(read(f"envelopes/legacy-{name}"))
    write_dump(dumps / "a", as_lines([event, letter.document]))
    done = load()
    assert (done.records, done.loaded, done.duplicates) == (2, 1, 1)


def test_pinpoint_events_load_as_events(dumps: Path, load: Callable[..., Ingested]) -> None:
    paths = sorted((EXTRA / "envelopes").glob("pinpoint-*.json"))
    letters = [letter for path in paths for letter in open_document(read(f"envelopes/{path.stem}"))]
    write_dump(dumps / "a", as_lines([letter.document for letter in letters]))
    done = load()
    assert (done.records, done.loaded, done.quarantined) == (7, 7, 0)
