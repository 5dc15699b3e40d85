"""Inbound receipts, Mail Manager's logs and AWS's own findings: each row says what the document says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import FIXTURES, change
from mailgauge.envelopes import Kind, Letter, open_document
from mailgauge.shapes import MisfitError
from mailgauge.streams import STREAMS, Added, Arrived, add_letters, parse_letter
from mailgauge.warehouse import Warehouse
from wrapping import sns

STREAM_FIXTURES = FIXTURES.parent / "streams"
NAMES = sorted(path.stem for path in STREAM_FIXTURES.glob("*.json"))


at = datetime.fromisoformat


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((STREAM_FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return document


def rows_of(document: object) -> list[dict[str, Any]]:
    return [row for letter in open_document(document) for row in parse_letter(letter)]


def add(lake: Warehouse, documents: Sequence[object], object_id: int = 1) -> Added:
    arrived = [
        Arrived(object_id, place, letter)
        for place, document in enumerate(documents, start=1)
        for letter in open_document(document)
    ]
    return add_letters(lake, arrived)


def count(lake: Warehouse) -> dict[str, int]:
    return {s.relation: lake.value(f"select count(*) from {s.relation}") for s in STREAMS.values()}


def test_a_receipt_tells_verdicts_policy_and_action() -> None:
    (row,) = rows_of(read("inbound-spoofed"))
    row.pop("event_id")
    assert row == {
        "occurred_at": at("2026-03-30T06:00:01.500"),
        "day": date(2026, 3, 30),
        "message_id": "in000000000000000000000000000002",
        "recipient": "help@acme.example",
        "recipient_domain": "acme.example",
        "recipient_index": 1,
        "account_id": "111122223333",
        "region": "eu-west-1",
        "source": "bounce+1@shop.example",
        "from_domain": "shop.example",
        "subject": "Your invoice",
        "spam_verdict": "FAIL",
        "virus_verdict": "PASS",
        "spf_verdict": "FAIL",
        "dkim_verdict": "GRAY",
        "dmarc_verdict": "FAIL",
        "dmarc_policy": "reject",
        "action": "SNS",
        "action_target": "arn:aws:sns:eu-west-1:111122223333:inbox",
        "smtp_reply_code": None,
        "status": None,
        "processing_time_millis": 410,
    }


def test_a_stored_message_names_its_place_and_every_recipient() -> None:
    rows = rows_of(read("inbound-stored"))
    assert [(row["recipient"], row["recipient_index"]) for row in rows] == [
        ("help@acme.example", 1),
        ("sales@acme.example", 2),
    ]
    assert {row["action_target"] for row in rows} == {"acme-inbox/in/1"}


def test_mail_manager_tells_what_was_let_in() -> None:
    rows = rows_of(read("mail-manager-accepted"))
    assert [row["recipient"] for row in rows] == ["help@acme.example", "sales@acme.example"]
    told = rows[0]
    assert (told["log_type"], told["ingress_point_id"], told["rule_set_id"]) == ("ingress", "inp-a1", "rs-a1")
    assert (told["account_id"], told["region"], told["message_size_bytes"]) == ("111122223333", "eu-west-1", 20480)


def test_mail_manager_tells_the_verdict_on_a_recipient() -> None:
    (row,) = rows_of(read("mail-manager-rejected"))
    assert (row["log_type"], row["traffic_policy_verdict"], row["recipient"]) == (
        "traffic_policy", "REJECT", "nobody@acme.example",
    )  # fmt: skip
    assert json.loads(row["traffic_policy_evaluation"])[0]["action"] == "DENY"


def test_mail_manager_tells_what_a_rule_did() -> None:
    row = rows_of(read("mail-manager-action-failed"))[0]
    assert (row["log_type"], row["action_name"], row["action_status"], row["action_failure"]) == (
        "rule", "WRITE_TO_S3", "FAILURE", "Access denied",
    )  # fmt: skip
    (row,) = rows_of(read("mail-manager-no-rule-matched"))
    assert (row["log_type"], row["recipient"], row["action_name"]) == ("rule", None, None)


def test_a_finding_names_what_it_is_about() -> None:
    (row,) = rows_of(read("finding-spf-resolved"))
    assert (row["identity"], row["tenant"], row["status"], row["impact"]) == ("acme.example", None, "FIXED", None)
    (row,) = rows_of(read("finding-tenant-bounces-open"))
    assert (row["identity"], row["tenant"], row["tenant_id"]) == (None, "acme", "tn-0001")
    assert (row["status"], row["impact"], row["finding_type"]) == ("OPEN", "HIGH", "BOUNCE")


def test_a_status_change_happened_when_its_list_of_numbers_says() -> None:
    (row,) = rows_of(read("tenant-status-disabled-by-aws"))
    assert row["changed_at"] == at("2026-03-30T08:01:28.995")
    assert (row["tenant"], row["origin"], row["status"]) == ("acme", "AWS_MANAGED", "DISABLED")
    (row,) = rows_of(read("tenant-status-enabled-by-customer"))
    assert row["changed_at"] == at("2026-03-29T07:00")


def test_a_second_arrival_by_another_channel_adds_nothing(folder: Path) -> None:
    documents = [read(name) for name in NAMES]
    with Warehouse(folder) as lake:
        first = add(lake, documents)
        assert (first.duplicates, first.refused) == ([], [])
        before = count(lake)
        assert before == {
            "raw.inbound_receipts": 4, "raw.mail_manager_logs": 9, "raw.aws_findings": 4, "raw.tenant_statuses": 2,
        }  # fmt: skip
        again = add(lake, [sns(document) for document in documents], object_id=2)
        assert len(again.duplicates) == len(documents)
        assert count(lake) == before
        assert lake.value("select max(object_id) from raw.inbound_receipts") == 1


def test_twice_in_one_go_counts_once(folder: Path) -> None:
    with Warehouse(folder) as lake:
        added = add(lake, [read("inbound-stored"), read("inbound-stored")])
        assert [one.position for one in added.duplicates] == [2]
        assert count(lake)["raw.inbound_receipts"] == 2


def test_what_cannot_be_read_is_refused_and_the_rest_added(folder: Path) -> None:
    with Warehouse(folder) as lake:
        added = add(lake, [change(read("inbound-stored"), "receipt.timestamp", "soon"), read("inbound-spoofed")])
        assert [(one.position, reason) for one, reason in added.refused] == [
            (1, "its receipt.timestamp cannot be read: soon")
        ]
        assert count(lake)["raw.inbound_receipts"] == 1


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("inbound-stored", "mail.messageId", " ", "it has no mail.messageId"),
        ("inbound-stored", "receipt", 3, "its receipt is a number where an object belongs"),
        ("inbound-stored", "receipt.spamVerdict", "PASS", "its receipt.spamVerdict is text where an object belongs"),
        ("inbound-stored", "receipt.timestamp", "1999-01-01T00:00:00Z", "its receipt.timestamp is before Amazon SES"),
        ("inbound-stored", "mail.commonHeaders.subject", "\ud800", "it holds a value that no column can hold"),
        ("mail-manager-accepted", "event_timestamp", ..., "it has no event_timestamp"),
        ("mail-manager-accepted", "event_timestamp", 10**30, "its event_timestamp cannot be read"),
        ("finding-spf-open", "detail.data", "", "its detail has no data"),
        ("finding-spf-open", "resources", [], "it names no resource"),
        ("finding-spf-open", "time", "2026-13-01T00:00:00Z", "its time cannot be read"),
        (
            "tenant-status-disabled-by-aws",
            "detail.data.record.lastUpdatedTimestamp",
            [2026],
            "its lastUpdatedTimestamp",
        ),
        ("tenant-status-disabled-by-aws", "detail.data.record.lastUpdatedTimestamp", ["a", 1, 1], "its lastUpdated"),
    ],
)
def test_what_is_wrong_is_told(name: str, path: str, value: object, words: str) -> None:
    with pytest.raises(MisfitError) as caught:
        rows_of(change(read(name), path, value))
    assert str(caught.value).startswith(words)


def _paths(value: Any, path: str = "") -> list[str]:
    if not isinstance(value, dict):
        return []
    inner = [f"{path}{key}" for key in value]
    return inner + [found for key in value for found in _paths(value[key], f"{path}{key}.")]


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.data())
def test_any_value_at_any_place_makes_rows_or_the_documented_error(data: st.DataObject) -> None:
    document = read(data.draw(st.sampled_from(NAMES)))
    path = data.draw(st.sampled_from(_paths(document)))
    for letter in open_document(change(document, path, data.draw(HOSTILE))):
        if letter.kind in STREAMS:
            with suppress(MisfitError):
                assert all(row["occurred_at"].year >= 2011 for row in parse_letter(letter))


@pytest.mark.parametrize("kind", list(STREAMS))
def test_an_empty_document_is_refused(kind: Kind) -> None:
    with pytest.raises(MisfitError):
        parse_letter(Letter(kind, {}))


def test_a_deep_value_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    with pytest.raises(MisfitError, match="nested too deeply"):
        rows_of(change(read("mail-manager-rejected"), "traffic_policy_evaluation", deep))


def test_the_day_of_an_inbox_by_domain_verdict_and_action(folder: Path) -> None:
    """A message that two actions tell of counts once a recipient, and what cannot be told of a check is unchecked."""
    stored, invoked = read("inbound-stored"), read("inbound-lambda")
    of_the_same = invoked["Records"][0]["ses"]
    of_the_same["mail"]["messageId"] = stored["mail"]["messageId"]
    of_the_same["receipt"]["spamVerdict"]["status"] = "PASS"
    unscanned = change(read("inbound-spoofed"), "receipt.recipients", ["a@other.example"])
    with Warehouse(folder) as lake:
        add(lake, [stored, invoked, read("inbound-spoofed"), change(unscanned, "receipt.spamVerdict", ...)])
        found = lake.rows("select * from marts.inbound_daily order by recipient_domain")
    where = {"day": date(2026, 3, 30), "account_id": "111122223333", "region": "eu-west-1"}
    assert [{name: value for name, value in row.items() if value} for row in found] == [
        where | {
            "recipient_domain": "acme.example", "received": 3, "spam_passed": 2, "spam_failed": 1, "virus_passed": 3,
            "spf_passed": 2, "spf_failed": 1, "dkim_passed": 2, "dkim_gray": 1, "dmarc_passed": 1, "dmarc_failed": 1,
            "dmarc_gray": 1, "stored": 2, "invoked": 1, "notified": 1,
        },
        where | {
            "recipient_domain": "other.example", "received": 1, "spam_unchecked": 1, "virus_passed": 1,
            "spf_failed": 1, "dkim_gray": 1, "dmarc_failed": 1, "notified": 1,
        },
    ]  # fmt: skip


def read_mail_manager(lake: Warehouse) -> dict[tuple[str | None, ...], dict[str, int]]:
    keys = ("ingress_point_id", "traffic_policy_id", "rule_set_id", "rule_name", "action_name")
    return {
        tuple(row[key] for key in keys): {name: n for name, n in row.items() if isinstance(n, int) and n}
        for row in lake.rows("select * from marts.mail_manager_daily")
    }


def test_the_day_of_mail_manager_by_ingress_point_policy_rule_and_action(folder: Path) -> None:
    with Warehouse(folder) as lake:
        add(lake, [read(name) for name in NAMES])
        told = read_mail_manager(lake)
        (names,) = lake.rows(
            "select ingress_point_name, rule_set_name from marts.mail_manager_daily where rule_name = 'archive'"
        )
    assert told == {
        ("inp-a1", None, "rs-a1", None, None): {"messages_accepted": 1, "recipients_accepted": 2},
        ("inp-a1", "tp-a1", None, None, None): {"recipients_let_in": 1, "recipients_rejected": 1},
        ("inp-a1", None, "rs-a1", "archive", "WRITE_TO_S3"): {"actions_done": 1, "actions_failed": 1},
        ("inp-a1", None, "rs-a1", "drop spam", None): {"unmatched": 1},
    }
    assert names == {"ingress_point_name": "front", "rule_set_name": "inbox"}


def test_an_action_in_progress_counts_once_and_as_it_ended(folder: Path) -> None:
    """In either order; one whose end was never told stays in progress."""
    ended = read("mail-manager-action-failed")
    begun = change(change(ended, "action_metadata.action_status", "IN_PROGRESS"), "event_timestamp", 1774850402300)
    other = change(begun, "message_id", "mm2")
    key = (None, None, "rs-a1", "archive", "WRITE_TO_S3")
    with Warehouse(folder) as lake:
        add(lake, [begun])
        assert read_mail_manager(lake) == {key: {"actions_in_progress": 1}}
        add(lake, [ended, other])
        assert read_mail_manager(lake) == {key: {"actions_failed": 1, "actions_in_progress": 1}}


def test_what_aws_says_now_is_spelled_as_our_findings_are(folder: Path) -> None:
    with Warehouse(folder) as lake:
        add(lake, [read(name) for name in NAMES])
        found = lake.rows("select * from marts.aws_findings order by resource, kind")
        assert [(row["resource"], row["kind"], row["finding_type"], row["impact"]) for row in found] == [
            ("identity:acme.example", "recommendation", "COMPLAINT", None),
            ("tenant:acme", "recommendation", "BOUNCE", "HIGH"),
            ("tenant:acme", "sending_status", None, None),
        ]
        assert found[2]["message"] == "AWS has stopped its sending: High bounce rate."
        assert found[2]["first_seen_at"] == at("2026-03-30T08:01:28.995")
        healed = change(read("tenant-status-disabled-by-aws"), "detail.data.record.status", "ENABLED")
        add(lake, [change(healed, "detail.data.record.lastUpdatedTimestamp", [2026, 3, 30, 9, 0])])
        assert not lake.value("select count(*) from marts.aws_findings where kind = 'sending_status'")


def test_the_findings_of_aws_as_they_stand(folder: Path) -> None:
    with Warehouse(folder) as lake:
        add(lake, [read(name) for name in reversed(NAMES)])
        found = lake.rows("select * from staging.aws_findings order by finding_type")
    assert [(row["finding_type"], row["status"], row["impact"]) for row in found] == [
        ("BOUNCE", "OPEN", "HIGH"),
        ("COMPLAINT", "OPEN", None),
        ("SPF", "FIXED", None),
    ]
    assert (found[2]["first_seen_at"], found[2]["fixed_at"]) == (at("2026-03-28T10:00"), at("2026-03-30T12:00"))


def test_a_tenant_is_disabled_while_either_side_says_so(folder: Path) -> None:
    with Warehouse(folder) as lake:
        add(lake, [read(name) for name in NAMES])
        (row,) = lake.rows("select * from staging.tenant_statuses")
        assert (row["customer_status"], row["aws_status"], row["is_disabled"]) == ("ENABLED", "DISABLED", True)
        healed = change(read("tenant-status-disabled-by-aws"), "detail.data.record.status", "REINSTATED")
        add(lake, [change(healed, "detail.data.record.lastUpdatedTimestamp", [2026, 3, 30, 9, 0])])
        (row,) = lake.rows("select * from staging.tenant_statuses")
        assert (row["aws_status"], row["is_disabled"]) == ("REINSTATED", False)
