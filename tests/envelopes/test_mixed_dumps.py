"""Envelopes and the other streams at the door: mixed in one object, each thing lands where it belongs, once."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents import FIXTURES, TYPES, all_types, as_lines, change, read_fixture, write_dump
from mailgauge.envelopes import VALIDATION
from mailgauge.ingest import Ingested, ingest
from mailgauge.sources import list_objects
from mailgauge.status import read_status
from mailgauge.warehouse import Warehouse
from moments import NOW
from wrapping import WRAPPERS, eventbridge, lambda_event, sns, sqs_event

pytestmark = pytest.mark.threads

Load = Callable[..., Ingested]
EXTRA = FIXTURES.parent


def document(name: str) -> Any:
    return json.loads((EXTRA / f"{name}.json").read_text(encoding="utf-8"))


def lines(*documents: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in documents)


def query(folder: Path, sql: str) -> list[dict[str, Any]]:
    with Warehouse(folder, read_only=True) as lake:
        assert read_status(lake).disagreements == []
        return lake.rows(sql)


def events_of(folder: Path) -> list[dict[str, Any]]:
    return query(folder, "select * exclude (object_id, slot) from raw.events order by event_id")


EVERYTHING = [
    *all_types(),
    sns(read_fixture("send-to-three-recipients")),
    document("envelopes/legacy-bounce"),
    document("envelopes/pinpoint-open"),
    document("streams/inbound-stored"),
    document("streams/mail-manager-accepted"),
    document("streams/finding-spf-open"),
    document("streams/tenant-status-disabled-by-aws"),
    document("envelopes/ignored-sns-subscription-confirmation"),
]


@pytest.mark.parametrize("ending", [b"\n", b"", b"\r\n"])
def test_everything_mixed_in_one_object_lands_where_it_belongs(
    ending: bytes, dumps: Path, folder: Path, load: Load
) -> None:
    text = ending.join([VALIDATION.encode() + b"\n", *(json.dumps(one).encode() for one in EVERYTHING), b"not JSON"])
    write_dump(dumps / "a", text)
    done = load()
    assert (done.ignored, done.quarantined, done.failed) == (2, 1, [])
    assert (done.records, done.loaded + done.duplicates) == (len(EVERYTHING), len(EVERYTHING) - 1)
    with Warehouse(folder, read_only=True) as lake:
        counts = {
            name: lake.value(f"select count(*) from raw.{name}")
            for name in ("inbound_receipts", "mail_manager_logs", "aws_findings", "tenant_statuses")
        }
        assert min(counts.values()) > 0
        assert lake.value("select count(distinct event_type) from raw.events") == len(TYPES)
        assert lake.value("select count(*) from raw.events where origin = 'pinpoint'") == 1
    assert load().objects == 0


def test_the_fixtures_all_load(folder: Path, load: Load) -> None:
    done = load(*(str(EXTRA / name) for name in ("events", "envelopes", "streams")))
    assert (done.quarantined, done.ignored, done.failed) == (0, 4, [])
    assert query(folder, "select * from raw.quarantine") == []


def test_the_same_bounce_on_every_channel_counts_once(dumps: Path, folder: Path, load: Load) -> None:
    bounce = read_fixture("bounce-permanent")
    legacy = change(change(bounce, "eventType", ...), "notificationType", "Bounce")
    same = [
        bounce,
        legacy,
        *(wrap(one) for wrap in (sns, eventbridge, lambda_event, sqs_event) for one in (bounce, legacy)),
    ]
    for place, one in enumerate(reversed(same)):
        write_dump(dumps / f"{place:02}", lines(one))
    done = load()
    assert (done.records, done.loaded, done.duplicates) == (len(same), 1, len(same) - 1)
    write_dump(dumps / "again", lines(*same))
    assert load().duplicates == len(same)
    assert len(events_of(folder)) == len(bounce["bounce"]["bouncedRecipients"])


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wrapped=st.lists(
        st.tuples(st.integers(0, len(TYPES) - 1), st.lists(st.sampled_from(WRAPPERS), max_size=2)),
        min_size=1,
        max_size=12,
    ),
    separator=st.sampled_from([b"\n", b"", b"\n\n", b" "]),
)
def test_an_event_in_any_envelopes_is_the_bare_event(
    wrapped: list[tuple[int, list[Callable[[Any], Any]]]],
    separator: bytes,
    empty_warehouse: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    bare, packed = [], []
    for place, (kind, wrappers) in enumerate(wrapped):
        event: Any = change(all_types()[kind], "mail.messageId", f"m{place}")
        bare.append(json.dumps(event).encode())
        for wrap in wrappers:
            event = wrap(event)
        packed.append(json.dumps(event).encode())
    found = [_load_text(text, empty_warehouse, tmp_path_factory) for text in (b"\n".join(bare), separator.join(packed))]
    assert found[0] == found[1]


def _load_text(text: bytes, empty_warehouse: Path, factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    room = factory.mktemp("mixed")
    folder = Path(shutil.copytree(empty_warehouse, room / "warehouse"))
    write_dump(room / "dumps" / "a", text)
    with Warehouse(folder) as lake:
        done = ingest(lake, list_objects([str(room / "dumps")]), now=NOW)
    assert done.quarantined == 0
    return events_of(folder)


def test_of_several_things_in_one_record_only_the_bad_one_is_quarantined(dumps: Path, folder: Path, load: Load) -> None:
    bad = change(read_fixture("open-by-a-person"), "mail.messageId", ...)
    strange = document("streams/inbound-stored") | {"mail": {}}
    write_dump(dumps / "a", lines(read_fixture("send"), [read_fixture("delivery"), bad, sns(strange), {"a": 1}]))
    done = load()
    assert (done.records, done.loaded, done.quarantined) == (5, 2, 3)
    held = query(folder, "select position, reason, record from raw.quarantine order by reason")
    assert {row["position"] for row in held} == {2}
    assert any(json.loads(row["record"]) == bad for row in held)


def test_what_is_bad_inside_an_envelope_is_quarantined_with_it_where_it_stood(
    dumps: Path, folder: Path, load: Load
) -> None:
    nameless = change(read_fixture("open-by-a-person"), "mail.messageId", ...)
    half = sns("")
    half["Message"] = json.dumps(read_fixture("delivery"))[:300]
    stray = '{"eventType": "Open"\u0000'
    bad = {3: sns(nameless), 5: half, 6: eventbridge(nameless), 8: sns("") | {"Message": stray}}
    records = [sns(one) if place % 2 else one for place, one in enumerate(all_types())]
    for position, record in bad.items():
        records.insert(position - 1, record)
    write_dump(dumps / "a", lines(*records))
    done = load()
    assert (done.records, done.loaded, done.quarantined) == (len(records), len(TYPES), len(bad))
    held = query(folder, "select position, record from raw.quarantine")
    assert {row["position"]: json.loads(row["record"]) for row in held} == bad


def test_keys_of_our_own_in_an_event_say_nothing(dumps: Path, folder: Path, load: Load) -> None:
    forged = {"_object": 77, "_position": 5, "_origin": "pinpoint", **read_fixture("send")}
    write_dump(dumps / "a", lines(forged, sns({**read_fixture("delivery"), "_object": 78, "_origin": "x"})))
    assert load().loaded == 2
    assert query(folder, "select distinct origin, object_id from raw.events") == [{"origin": "ses", "object_id": 1}]


def test_a_letter_that_comes_again_is_a_duplicate(dumps: Path, folder: Path, load: Load) -> None:
    one = document("streams/mail-manager-rejected")
    write_dump(dumps / "a", lines(one))
    write_dump(dumps / "b", lines(one, one))
    done = load()
    assert (done.records, done.loaded, done.duplicates) == (3, 1, 2)
    write_dump(dumps / "c", lines(one))
    assert load().duplicates == 1
    assert query(folder, "select * from raw.mail_manager_logs")


def test_a_torn_object_loads_no_letters(dumps: Path, folder: Path, load: Load) -> None:
    text = lines(*EVERYTHING) + lines(*(change(read_fixture("send"), "mail.messageId", f"x{n}") for n in range(999)))
    path = write_dump(dumps / "a.gz", gzip.compress(text)[:-30])
    done = load()
    assert (len(done.failed), done.records, done.loaded, done.ignored) == (1, 0, 0, 0)
    assert query(folder, "select * from raw.events union all by name select * from raw.inbound_receipts") == []
    path.write_bytes(gzip.compress(text))
    assert (load().ignored, query(folder, "select count(*) as n from raw.inbound_receipts")) == (1, [{"n": 2}])


def test_failed_deliveries_are_loaded_when_asked_for(dumps: Path, folder: Path) -> None:
    failed = [
        {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "rawData": base64.b64encode(raw).decode()}
        for raw in (
            lines(read_fixture("send")),
            lines(sns(read_fixture("delivery")), read_fixture("complaint")),
            b"\xff",
        )
    ]
    write_dump(dumps / "a", lines(*failed, {"ErrorCode": "X", "rawData": 5}))
    with Warehouse(folder) as lake:
        done = ingest(lake, list_objects([str(dumps)]), now=NOW)
        assert (done.loaded, done.quarantined) == (0, 4)
        again = ingest(lake, list_objects([str(dumps)]), now=NOW, recover_failed=True)
    assert (again.records, again.loaded, again.quarantined) == (5, 3, 2)
    reasons = [row["reason"] for row in query(folder, "select reason from raw.quarantine order by position")]
    assert reasons[0].startswith("it is not UTF-8")
    assert "lacks its rawData" in reasons[1]


def test_a_warehouse_of_an_earlier_version_gets_the_new_columns(folder: Path, dumps: Path, load: Load) -> None:
    with Warehouse(folder) as lake:
        lake.execute("alter table raw.events drop column origin")
        lake.execute("alter table raw.objects drop column ignored")
        lake.execute("update raw.warehouses set fingerprint = 'an earlier one'")
    write_dump(dumps / "a", as_lines(all_types()))
    assert load().loaded == len(TYPES)
    assert query(folder, "select distinct origin from raw.events") == [{"origin": "ses"}]
