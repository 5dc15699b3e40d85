"""Bad input: nothing is lost, nothing stops the rest, and a person is told what and where."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents import all_types, as_lines, change, read_fixture, write_dump
from mailgauge.ingest import Ingested
from mailgauge.warehouse import Warehouse
from moments import NOW
from wrapping import sns

pytestmark = pytest.mark.threads

Load = Callable[..., Ingested]
GOOD = read_fixture("delivery")


def rows(folder: Path, query: str) -> list[dict[str, Any]]:
    with Warehouse(folder, read_only=True) as lake:
        return lake.rows(query)


def quarantine(folder: Path) -> list[tuple[int, str, str]]:
    found = rows(folder, "select position, reason, record from raw.quarantine order by object_uri, position")
    return [(row["position"], row["reason"], row["record"]) for row in found]


def raw_send(**changes: str) -> bytes:
    """A Send as text, with parts of the text replaced: what json.dumps would not write."""
    text = json.dumps(read_fixture("send"))
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


BAD_LINES: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"hello", "it is not JSON"),
    "cut off": (json.dumps(GOOD).encode()[:300], "it is cut off: the JSON does not end"),
    "cut off between texts": (b'{"eventType":"Send","mail":', "it is cut off: the JSON does not end"),
    "NUL bytes": (b"\0" * 16, "it is not JSON"),
    "a NUL byte in a text": (json.dumps(GOOD).encode().replace(b"Delivery", b"Deli\0very"), "it is not valid JSON"),
    "no UTF-8": (json.dumps(GOOD).encode().replace(b"Your order", b"Your \xff\xfe"), "it is not UTF-8"),
    "half a surrogate": (json.dumps(change(GOOD, "mail.source", "\ud800")).encode(), "it is not valid JSON"),
    "a number": (b"5", "it is a number, not an event"),
    "null": (b"null", "it is null, not an event"),
    "a list of an empty object": (b"[{}]", "it has no eventType"),
    "a list of a number": (b"[5]", "it is a number, not an event"),
    "an SNS envelope of nothing": (
        b'{"Type":"Notification","TopicArn":"arn:aws:sns:eu-west-1:111122223333:t"}',
        "it is an SNS envelope without a Message",
    ),
    "an SNS envelope of other text": (
        b'{"Type":"Notification","TopicArn":"arn:aws:sns:eu-west-1:111122223333:t","Message":"hello"}',
        "its SNS Message is not JSON",
    ),
    "an SNS envelope of half an event": (
        json.dumps(sns(GOOD) | {"Message": json.dumps(GOOD)[:200]}).encode(),
        "its SNS Message is cut off",
    ),
    "a failed delivery": (b'{"errorCode":"Lambda.X","rawData":"e30="}', "it is a record of a failed Firehose delivery"),
    "text": (b'"Send"', "it is text, not an event"),
    "an empty object": (b"{}", "it has no eventType"),
    "an unknown type": (
        json.dumps(change(GOOD, "eventType", "Teleport")).encode(),
        "its eventType is none of SES's ten: Teleport",
    ),
    "null objects": (b'{"eventType":"Send","mail":null,"send":null}', "it has no mail.messageId"),
    "no message id": (json.dumps(change(GOOD, "mail.messageId", ...)).encode(), "it has no mail.messageId"),
    "an empty message id": (json.dumps(change(GOOD, "mail.messageId", " ")).encode(), "it has no mail.messageId"),
    "mail is text": (json.dumps(change(GOOD, "mail", "x")).encode(), "its mail is text where an object belongs"),
    "delivery is a number": (json.dumps(change(GOOD, "delivery", 3)).encode(), "its delivery is a number where"),
    "a list of numbers for recipients": (
        json.dumps(change(read_fixture("bounce-permanent"), "bounce.bouncedRecipients", [7])).encode(),
        "its bounce.bouncedRecipients is a number where an object belongs",
    ),
    "a time that is none": (
        json.dumps(change(GOOD, "delivery.timestamp", "yesterday")).encode(),
        "its timestamp cannot be read: yesterday",
    ),
    "a day that is none": (
        json.dumps(change(GOOD, "delivery.timestamp", "2026-02-30T00:00:00Z")).encode(),
        "its timestamp cannot be read",
    ),
    "the year 0001": (
        json.dumps(change(GOOD, "delivery.timestamp", "0001-01-01T00:00:00Z")).encode(),
        "its timestamp is before Amazon SES existed (2011)",
    ),
    "infinity": (json.dumps(change(GOOD, "delivery.timestamp", "infinity")).encode(), "its timestamp is not a time"),
    "no time at all": (
        json.dumps(change(change(GOOD, "delivery.timestamp", ...), "mail.timestamp", None)).encode(),
        "it has no timestamp",
    ),
}


@pytest.mark.parametrize("packed", [False, True])
def test_every_bad_record_is_quarantined_alone_with_place_reason_and_text(
    packed: bool, dumps: Path, folder: Path, load: Load
) -> None:
    for place, (line, _) in enumerate(BAD_LINES.values()):
        good = [change(GOOD, "mail.messageId", f"{place}-{i}") for i in range(3)]
        write_dump(dumps / f"{place:02}", as_lines(good[:2]) + line + b"\n" + as_lines(good[2:]), packed=packed)
    done = load()
    assert (done.loaded, done.quarantined, done.failed) == (3 * len(BAD_LINES), len(BAD_LINES), [])
    for (line, words), (position, reason, record) in zip(BAD_LINES.values(), quarantine(folder), strict=True):
        assert position == 3
        assert reason.startswith(words)
        assert record == line.decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_record_alone_in_its_object_has_the_same_reason(name: str, dumps: Path, folder: Path, load: Load) -> None:
    line, words = BAD_LINES[name]
    write_dump(dumps / "a", line)
    done = load()
    assert (done.records, done.loaded, done.quarantined) == (1, 0, 1)
    assert quarantine(folder)[0][1].startswith(words)


ODD_BUT_GOOD: dict[str, bytes] = {
    "numbers where texts belong": raw_send(**{'"111122223333"': "111122223333", '"Your order"': "12.5"}),
    "a text where a number belongs": json.dumps(change(GOOD, "delivery.processingTimeMillis", "1720")).encode(),
    "a word where a number belongs": json.dumps(change(GOOD, "delivery.processingTimeMillis", "soon")).encode(),
    "an object where a text belongs": json.dumps(change(GOOD, "mail.commonHeaders.subject", {"a": [1]})).encode(),
    "a text where a list belongs": json.dumps(change(GOOD, "mail.destination", "anna@gmail.com")).encode(),
    "a text where a list of a tag belongs": json.dumps(change(GOOD, "mail.tags.campaign", "spring")).encode(),
    "a null in a list": json.dumps(change(GOOD, "mail.destination", ["anna@gmail.com", None])).encode(),
    "a key twice": raw_send(**{'"eventType": "Send"': '"eventType": "Open", "eventType": "Send"'}),
    "nested 1,000 levels": raw_send(**{'"send": {}': '"send": {}, "deep": ' + "[" * 1000 + "]" * 1000}),
    "a tag of a million characters": json.dumps(change(GOOD, "mail.tags.campaign", ["x" * 1_000_000])).encode(),
    "a NUL escape": json.dumps(change(GOOD, "mail.commonHeaders.subject", "a\0b")).encode(),
    "an address without @": json.dumps(change(GOOD, "delivery.recipients", ["postmaster"])).encode(),
    "an address in quotes": json.dumps(change(GOOD, "delivery.recipients", ['"a@b c"@example.com'])).encode(),
    "an address in Unicode": json.dumps(change(GOOD, "delivery.recipients", ["jürgen@müller.example"])).encode(),
    "an empty address": json.dumps(change(GOOD, "delivery.recipients", [""])).encode(),
    "a time in another zone": json.dumps(change(GOOD, "delivery.timestamp", "2026-03-30T03:36:02.120+02:00")).encode(),
    "a time with an old-style zone": json.dumps(
        change(GOOD, "delivery.timestamp", "2026-03-30T01:36:02+0000")
    ).encode(),
    "a time in a named zone": json.dumps(
        change(GOOD, "delivery.timestamp", "2026-03-30T03:36:02.120 Europe/Berlin")
    ).encode(),
    "a time without a zone": json.dumps(change(GOOD, "delivery.timestamp", "2026-03-30T01:36:02.120")).encode(),
    "a time in the far future": json.dumps(change(GOOD, "delivery.timestamp", "2926-03-30T01:36:02Z")).encode(),
    "a sending time of the year 0001": json.dumps(change(GOOD, "mail.timestamp", "0001-01-01T00:00:00Z")).encode(),
    "not a number": raw_send(**{'"send": {}': '"send": {"x": 1e999}'}),
}


def _table(folder: Path) -> list[tuple[Any, ...]]:
    found = rows(folder, "select * exclude (object_id, slot) from raw.events order by event_id")
    return [tuple(row.values()) for row in found]


@pytest.mark.parametrize("name", ODD_BUT_GOOD)
def test_an_odd_record_loads_the_same_alone_and_beside_a_broken_one(
    name: str, tmp_path: Path, empty_warehouse: Path
) -> None:
    import shutil

    from mailgauge.ingest import ingest
    from mailgauge.sources import list_objects

    tables = []
    for company, content in {"alone": ODD_BUT_GOOD[name], "beside": b"broken\n" + ODD_BUT_GOOD[name]}.items():
        write_dump(tmp_path / company / "a", content)
        shutil.copytree(empty_warehouse, tmp_path / f"{company}-warehouse")
        with Warehouse(tmp_path / f"{company}-warehouse") as lake:
            assert ingest(lake, list_objects([str(tmp_path / company)]), now=NOW).loaded == 1
        tables.append(_table(tmp_path / f"{company}-warehouse"))
    assert tables[0] == tables[1]


def test_zones_are_brought_to_utc(dumps: Path, folder: Path, load: Load) -> None:
    write_dump(dumps / "a", ODD_BUT_GOOD["a time in another zone"])
    write_dump(dumps / "b", as_lines([GOOD]))
    assert load().duplicates == 1
    (row,) = rows(folder, "select occurred_at from raw.events")
    assert str(row["occurred_at"]) == "2026-03-30 01:36:02.120000"


def test_addresses_are_told_apart_from_names(dumps: Path, folder: Path, load: Load) -> None:
    addresses = [
        '"Doe, Jane" <Jane@Example.COM>',
        '"a@b"@quoted.example',
        "no-at-sign",
        "jürgen@müller.example",
        " <> ",
    ]
    write_dump(dumps / "a", as_lines([change(GOOD, "delivery.recipients", addresses)]))
    load()
    found = {row["recipient"]: row["recipient_domain"] for row in rows(folder, "select * from raw.events")}
    assert found == {
        "jane@example.com": "example.com",
        '"a@b"@quoted.example': "quoted.example",
        "no-at-sign": None,
        "jürgen@müller.example": "müller.example",
        None: None,
    }


def test_a_line_of_20_mb_loads_and_one_of_40_mb_is_quarantined(dumps: Path, folder: Path, load: Load) -> None:
    def long(size: int) -> bytes:
        document = change(GOOD, "mail.messageId", f"long-{size}")
        return json.dumps(change(document, "mail.tags.campaign", ["x" * size])).encode() + b"\n"

    lines = as_lines(all_types()[:1]) + long(20_000_000) + long(40_000_000) + as_lines(all_types()[1:])
    write_dump(dumps / "a.gz", lines, packed=True)
    done = load()
    assert (done.loaded, done.quarantined) == (11, 1)
    ((position, reason, record),) = quarantine(folder)
    assert (position, len(record) > 40_000_000) == (3, True)
    assert reason == "it is 40 MB long; a Firehose record holds at most 1 MB"


@pytest.mark.parametrize("cut", [3, 8, 12, 400])
def test_a_truncated_gzip_is_failed_loads_nothing_and_is_tried_again(
    cut: int, dumps: Path, folder: Path, load: Load
) -> None:
    packed = gzip.compress(as_lines([change(GOOD, "mail.messageId", f"m{i}") for i in range(500)]))
    write_dump(dumps / "torn.gz", packed[:-cut])
    write_dump(dumps / "whole.gz", as_lines(all_types()), packed=True)
    done = load()
    assert done.loaded == 10
    assert len(done.failed) == 1
    assert "cut off before the end" in done.failed[0]
    assert rows(folder, "select status, records, error from raw.objects where object_uri like '%torn%'") == [
        {"status": "failed", "records": 0, "error": "its gzip data is cut off before the end"}
    ]
    assert load().objects == 1, "the torn object is tried again, the whole one is not"
    write_dump(dumps / "torn.gz", packed)
    assert load().loaded == 500
    assert rows(folder, "select distinct status from raw.objects") == [{"status": "loaded"}]


def test_a_gzip_with_a_wrong_checksum_is_failed(dumps: Path, load: Load) -> None:
    packed = bytearray(gzip.compress(as_lines(all_types())))
    packed[-6] ^= 0xFF
    write_dump(dumps / "a.gz", bytes(packed))
    done = load()
    assert done.loaded == 0
    assert "broken" in done.failed[0]


def test_a_file_of_another_kind_is_failed_and_named(dumps: Path, load: Load) -> None:
    write_dump(dumps / "a.7z", b"7z\xbc\xaf\x27\x1crest")
    write_dump(dumps / "b.avro", b"Obj\x01rest")
    done = load()
    assert [text.split(": ", 1)[1] for text in done.failed] == [
        "it is a 7z archive, which this version does not read: unpack it first",
        "it is an Avro file, which this version does not read: unpack it first",
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n \n", gzip.compress(b"", mtime=0)])
def test_an_empty_object_is_loaded_with_nothing_in_it(content: bytes, dumps: Path, folder: Path, load: Load) -> None:
    write_dump(dumps / "a.gz", content)
    done = load()
    assert (done.objects, done.records, done.failed) == (1, 0, [])
    assert load().objects == 0


def test_a_torn_plain_object_keeps_its_whole_records_and_shows_the_rest(dumps: Path, folder: Path, load: Load) -> None:
    write_dump(dumps / "a", as_lines(all_types())[:-40])
    done = load()
    assert (done.loaded, done.quarantined) == (9, 1)
    assert quarantine(folder)[0][:2] == (10, "it is cut off: the JSON does not end")


def test_pretty_documents_beside_a_cut_one_all_load(dumps: Path, load: Load) -> None:
    pretty = [json.dumps(document, indent=2) for document in all_types()]
    write_dump(dumps / "a", "\n".join([*pretty[:5], pretty[5][:200], *pretty[5:]]).encode())
    done = load()
    assert (done.loaded, done.quarantined) == (10, 1)


def test_nuls_in_ids_and_names_stop_no_build(folder: Path, dumps: Path, build: Load) -> None:
    event = change(read_fixture("delivery"), "mail.messageId", "message\0'")
    event = change(event, "mail.sourceArn", "arn:aws:ses:eu-west-1:111122223333:identity/a\0'.example")
    event = change(event, "delivery.recipients", ["jane\0'@example\0'.com"])
    write_dump(dumps / "a.json", as_lines([event, read_fixture("send")]))
    build()
    complaint = change(read_fixture("complaint"), "mail.messageId", "message\0'")
    write_dump(dumps / "b.json", as_lines([change(complaint, "mail.sourceArn", event["mail"]["sourceArn"])]))
    assert build().loaded == 1
    query = "select message_id, identity, recipient_domain from marts.outcomes where delivered_at is not null"
    assert rows(folder, query) == [
        {"message_id": "message\ufffd'", "identity": "a\ufffd'.example", "recipient_domain": "example\ufffd'.com"}
    ]
