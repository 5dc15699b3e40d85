"""Objects in, raw events out: every form of an object, every type of event, each counted once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents import OWN_OBJECT, TYPES, all_types, as_lines, change, read_fixture, write_dump
from mailgauge.errors import UsageError
from mailgauge.ingest import Ingested
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from wrapping import sns

pytestmark = pytest.mark.threads

Load = Callable[..., Ingested]


def rows(folder: Path, query: str) -> list[dict[str, Any]]:
    with Warehouse(folder, read_only=True) as lake:
        return lake.rows(query)


FORMS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "lines": as_lines,
    "blank lines": lambda docs: b"\n" + as_lines(docs).replace(b"\n", b"\n\n"),
    "windows line ends": lambda docs: as_lines(docs).replace(b"\n", b"\r\n"),
    "no newline at the end": lambda docs: as_lines(docs).rstrip(b"\n"),
    "side by side": lambda docs: as_lines(docs).replace(b"\n", b""),
    "side by side with spaces": lambda docs: as_lines(docs).replace(b"\n", b"  "),
    "pretty": lambda docs: "".join(json.dumps(doc, indent=2) for doc in docs).encode(),
    "pretty, a line between": lambda docs: "\n".join(json.dumps(doc, indent=4) for doc in docs).encode(),
    "byte order mark": lambda docs: b"\xef\xbb\xbf" + as_lines(docs),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_object_loads_all_ten_types(
    form: str, packed: bool, dumps: Path, folder: Path, load: Load
) -> None:
    write_dump(dumps / "object", FORMS[form](all_types()), packed=packed)
    done = load()
    assert (done.records, done.loaded, done.quarantined, done.failed) == (10, 10, 0, [])
    found = rows(folder, "select distinct event_type from raw.events")
    assert {row["event_type"] for row in found} == set(TYPES)


def test_what_an_object_is_called_says_nothing(dumps: Path, load: Load) -> None:
    names = ["a.gz", "b.json", "c.zst", "d [x]*?.gz", "e", "f.parquet"]
    for place, name in enumerate(names):
        write_dump(dumps / "plain" / name, as_lines([change(read_fixture("send"), "mail.messageId", f"p{place}")]))
        gzipped = as_lines([change(read_fixture("send"), "mail.messageId", f"g{place}")])
        write_dump(dumps / "packed" / name, gzipped, packed=True)
    assert load().loaded == 2 * len(names)


def test_a_file_of_several_gzip_members_is_one_object(dumps: Path, load: Load) -> None:
    write_dump(dumps / "a.gz", b"".join(gzip.compress(as_lines([document])) for document in all_types()))
    assert load().loaded == 10


def test_a_break_between_texts_that_look_like_records_is_no_break(dumps: Path, folder: Path, load: Load) -> None:
    tricky = change(read_fixture("send"), "mail.commonHeaders.subject", "a}{b")
    write_dump(dumps / "a", as_lines([tricky, read_fixture("delivery")]).replace(b"\n", b""))
    assert load().loaded == 2
    assert rows(folder, "select subject from raw.events where event_type = 'Send'") == [{"subject": "a}{b"}]


def test_a_second_run_does_nothing(dumps: Path, folder: Path, load: Load) -> None:
    write_dump(dumps / "a.gz", as_lines(all_types()), packed=True)
    load()
    before = rows(folder, "select max(snapshot_id) as id from ducklake_snapshots('lake')")
    assert load() == Ingested()
    assert rows(folder, "select max(snapshot_id) as id from ducklake_snapshots('lake')") == before


def test_duplicates_within_and_across_objects_count_once(dumps: Path, folder: Path, load: Load) -> None:
    twice = [*all_types(), *all_types()]
    reordered = [dict(reversed(document.items())) for document in all_types()]
    write_dump(dumps / "a.gz", as_lines(twice), packed=True)
    write_dump(dumps / "b", as_lines(reordered))
    done = load()
    assert (done.records, done.loaded, done.duplicates) == (30, 10, 20)
    write_dump(dumps / "later", as_lines(all_types()))
    done = load()
    assert (done.records, done.loaded, done.duplicates) == (10, 0, 10)
    assert rows(folder, "select count(*) as n from raw.events") == [{"n": 10}]


def test_different_events_of_one_kind_are_not_duplicates(dumps: Path, load: Load) -> None:
    click = read_fixture("click-by-a-scanner")
    other_link = change(click, "click.link", "https://acme.example/other")
    later = change(click, "click.timestamp", "2026-03-30T01:36:09.001Z")
    write_dump(dumps / "a", as_lines([click, other_link, later]))
    assert load().loaded == 3


def test_one_row_per_event_and_recipient(dumps: Path, folder: Path, load: Load) -> None:
    documents = [read_fixture("send-to-three-recipients"), read_fixture("delivery-to-two-of-three")]
    write_dump(dumps / "a", as_lines(documents))
    done = load()
    assert (done.records, done.loaded) == (2, 2)
    found = rows(folder, "select event_type, recipient, recipient_domain from raw.events order by all")
    assert [tuple(row.values()) for row in found] == [
        ("Delivery", "anna@gmail.com", "gmail.com"),
        ("Delivery", "bert@yahoo.com", "yahoo.com"),
        ("Send", "anna@gmail.com", "gmail.com"),
        ("Send", "bert@yahoo.com", "yahoo.com"),
        ("Send", "carl@firma.example", "firma.example"),
    ]


def test_fields_arrive_where_they_belong(dumps: Path, folder: Path, load: Load) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("bounce-permanent")]))
    load()
    (row,) = rows(folder, "select * from raw.events")
    assert row["recipient"] == "carl@firma.example"
    assert (row["account_id"], row["region"], row["identity"]) == ("111122223333", "eu-west-1", "acme.example")
    assert (row["configuration_set"], row["tenant"], row["from_domain"]) == ("orders", "acme", "acme.example")
    assert (row["bounce_type"], row["bounce_sub_type"], row["status"]) == ("Permanent", "General", "5.1.1")
    assert row["reporting_mta"] == "mx.firma.example"
    assert str(row["occurred_at"]) == "2026-03-30 01:36:05.120000"
    assert str(row["sent_at"]) == "2026-03-30 01:36:00.400000"
    assert json.loads(row["tags"])["campaign"] == ["spring"]


def test_objects_under_failed_prefixes_and_hidden_names_are_left_out(dumps: Path, load: Load) -> None:
    for place in ("processing-failed/2026/a", "x/format-conversion-failed/b", "_truth.json", ".part", "_tmp/c"):
        write_dump(dumps / place, as_lines([read_fixture("send")]))
    write_dump(dumps / "2026/03/30/01/good", as_lines([read_fixture("delivery")]))
    assert load().objects == 1


def test_globs_files_and_folders_name_the_same_object_once(dumps: Path, load: Load) -> None:
    write_dump(dumps / "2026/a.gz", as_lines([read_fixture("send")]), packed=True)
    write_dump(dumps / "2026/b.txt", as_lines([read_fixture("delivery")]))
    assert load(str(dumps / "**" / "*.gz"), str(dumps / "2026" / "a.gz")).objects == 1
    assert load(str(dumps / "*"), str(dumps)).objects == 1


@pytest.mark.parametrize("source", ["nowhere", "nothing-*.gz"])
def test_a_source_that_is_not_there_is_told_in_one_sentence(dumps: Path, source: str) -> None:
    with pytest.raises(UsageError, match=r"(There is no|Nothing matches) .*: check"):
        list_objects([str(dumps / source)])


def test_a_changed_object_is_read_again_and_its_old_ledger_row_goes(dumps: Path, folder: Path, load: Load) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("send")]) + b"broken\n")
    load()
    write_dump(dumps / "a", as_lines([read_fixture("send"), read_fixture("delivery")]))
    done = load()
    assert (done.records, done.loaded, done.duplicates) == (2, 1, 1)
    assert rows(folder, "select records, loaded, duplicates, quarantined from raw.objects") == [
        {"records": 2, "loaded": 1, "duplicates": 1, "quarantined": 0}
    ]
    assert rows(folder, "select * from raw.quarantine") == []


def _optional_paths() -> list[tuple[str, str]]:
    paths = []
    for kind, name in TYPES.items():
        document = read_fixture(name)
        paths += [(kind, f"mail.{key}") for key in document["mail"] if key != "messageId"]
        own = OWN_OBJECT.get(kind)
        paths += [(kind, own), *((kind, f"{own}.{key}") for key in document[own])] if own else []
    return paths


@pytest.mark.parametrize("gone", [..., None], ids=["absent", "null"])
def test_every_key_is_optional(gone: object, dumps: Path, folder: Path, load: Load) -> None:
    paths = [
        (kind, path) for kind, path in _optional_paths() if not (kind in _TIMED_BY_MAIL and path == "mail.timestamp")
    ]
    for place, (kind, path) in enumerate(paths):
        document = change(read_fixture(TYPES[kind]), "mail.messageId", f"m{place}")
        if "feedbackId" in document.get(OWN_OBJECT.get(kind, ""), {}):
            document = change(document, f"{OWN_OBJECT[kind]}.feedbackId", f"f{place}")
        write_dump(dumps / f"{place:03}", as_lines([change(document, path, gone)]))
    done = load()
    assert (done.loaded, done.quarantined, done.failed) == (len(paths), 0, [])


_TIMED_BY_MAIL = ("Send", "Reject", "Rendering Failure")


def test_unknown_keys_do_no_harm(dumps: Path, load: Load) -> None:
    document = change(read_fixture("delivery"), "mail.newThing", {"deep": [{"er": 1}]})
    write_dump(dumps / "a", as_lines([change(document, "somethingElse", [1, 2])]))
    assert load().loaded == 1


@pytest.mark.parametrize("between", [b"", b"{\n\n", b'{"eventType":"Send","mail":\n', b"[\n"])
def test_documents_over_several_lines_amid_others_are_documents(
    between: bytes, dumps: Path, folder: Path, load: Load
) -> None:
    events = all_types()
    spread = json.dumps(events[3], indent=1).encode() + b"\n"
    write_dump(dumps / "a", as_lines(events[:3]) + spread + as_lines(events[4:]) + between + as_lines(events[:1]))
    write_dump(dumps / "b", as_lines(events[:2]) + b'{"eventType":"Send","mail":\n{"messageId":"x"}}\n')
    done = load()
    assert (done.loaded, done.failed) == (10, [])
    assert done.quarantined == 3 + bool(between)
    assert load().objects == 0


def test_a_batch_that_is_read_again_counts_nothing_twice(
    dumps: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailgauge.feeds.KEPT_BYTES", 0)  # about an object a statement
    events = all_types()
    for place in range(4):
        first, *others = [change(one, "mail.messageId", f"m{place}") for one in events]
        write_dump(dumps / f"{place}", as_lines([sns(first), *others]) + b"x\n")
    write_dump(dumps / "9", as_lines(events[:1]) + b'{"eventType":"Send","mail":\n{"messageId":"x"}}\n')
    done = load()
    assert (done.loaded, done.duplicates, done.quarantined) == (41, 0, 4 + 3)
    assert done.records == done.loaded + done.quarantined
