from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgauge.errors import UsageError
from mailgauge.manifests import read_manifest


def event(key: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    record = {"eventName": name, "s3": {"bucket": {"name": "dumps"}, "object": {"key": key, "size": 5}}}
    return {"Records": [record]}


TEST_EVENT = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "dumps"}
IN_SQS = {"MessageId": "1", "ReceiptHandle": "x", "Body": json.dumps(event("sqs"))}
IN_SNS = {"Type": "Notification", "MessageId": "1", "TopicArn": "arn", "Message": json.dumps(event("sns")) + "\n"}
IN_BOTH = {"MessageId": "1", "Body": json.dumps(IN_SNS | {"Message": json.dumps(event("both"))})}
BRIDGED = {"detail-type": "Object Created", "detail": {"bucket": {"name": "dumps"}, "object": {"key": "a+b%20c"}}}


def read(folder: Path, text: str) -> list[str]:
    file = folder / "manifest.json"
    file.write_text(text, encoding="utf-8")
    return [uri.removeprefix("s3://dumps/") for uri in read_manifest(file)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (event("2026/11/24/a.gz"), ["2026/11/24/a.gz"]),
        (event("a+b%2Bc%3D%C3%BC"), ["a b+c=ü"]),
        (event("a", "s3:ObjectCreated:CompleteMultipartUpload"), ["a"]),
        (event("a", "ObjectRemoved:Delete"), []),
        (event("a")["Records"][0], ["a"]),
        (TEST_EVENT, []),
        ({"Body": json.dumps(TEST_EVENT)}, []),
        (IN_SQS, ["sqs"]),
        (IN_SNS, ["sns"]),
        (IN_BOTH, ["both"]),
        ({"Records": [{"Sns": IN_SNS, "EventSource": "aws:sns"}]}, ["sns"]),
        ({"Records": [{"messageId": "1", "body": json.dumps(event("lambda"))}]}, ["lambda"]),
        ({"Messages": [IN_SQS, IN_BOTH, IN_SQS]}, ["sqs", "both"]),
        ([IN_SQS, event("x")], ["sqs", "x"]),
        (BRIDGED, ["a+b%20c"]),
        (BRIDGED | {"detail-type": "Object Deleted"}, []),
        ({"Body": json.dumps(BRIDGED)}, ["a+b%20c"]),
        ({"Records": []}, []),
    ],
)
def test_every_way_a_notification_comes_in_is_read(tmp_path: Path, document: Any, expected: list[str]) -> None:
    assert read(tmp_path, json.dumps(document)) == expected
    assert read(tmp_path, json.dumps(document, indent=2)) == expected
    assert read(tmp_path, json.dumps(document) + "\n\n" + json.dumps(event("last")) + "\r\n") == [*expected, "last"]


def test_an_object_told_twice_is_read_once(tmp_path: Path) -> None:
    assert read(tmp_path, json.dumps({"Records": event("a")["Records"] * 2 + event("b")["Records"]})) == ["a", "b"]


def test_an_empty_manifest_names_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == []


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "5",
        "null",
        "[" * 100_000,
        '{"eventType":"Send"}',
        '{"Body":"hello"}',
        '{"Body":7}',
        '{"Records":[{"s3":{"bucket":7},"eventName":"ObjectCreated:Put"}]}',
        '{"Records":[{"s3":{"bucket":{"name":1},"object":{"key":2}},"eventName":"ObjectCreated:Put"}]}',
    ],
)
def test_what_is_no_manifest_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="holds something else than S3 event notifications in line 2"):
        read(tmp_path, json.dumps(event("a")) + "\n" + text)
    with pytest.raises(UsageError, match="holds something else than S3 event notifications"):
        read(tmp_path, text)


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        read_manifest(tmp_path / "none")


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda part: (
            st.lists(part)
            | st.dictionaries(
                st.sampled_from(["Records", "Body", "s3", "detail", "object", "bucket", "name", "key", "Message"]), part
            )
        ),
    )
)
def test_any_json_gives_names_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    try:
        names = read(tmp_path_factory.getbasetemp(), json.dumps(document))
    except UsageError:
        return
    assert isinstance(names, list)
