"""Dumps in S3 through the steps and the command line: all of it once, whatever S3 does in between."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from buckets.doors import Door, Fault
from buckets.objects import put_object, remove_object
from documents import as_lines, change, read_fixture, write_dump
from mailgauge import ingest as ingest_module
from mailgauge import nights, steps
from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.settings import DnsSettings, ReportSettings, S3Settings, Settings
from mailgauge.warehouse import Warehouse

pytestmark = pytest.mark.threads

NOW = datetime.now(UTC)
SEND = read_fixture("send")
LONG_AGO = NOW - timedelta(days=20)


def records(name: str, number: int = 1) -> bytes:
    """Packed events that no other name has."""
    return gzip.compress(as_lines([change(SEND, "mail.messageId", f"{name}-{n}") for n in range(number)]))


def put(at: datetime, name: str, content: bytes | None = None, prefix: str = "ev", came: datetime | None = None) -> str:
    """An object in the folder of its hour, as Firehose puts it there."""
    key = f"{prefix}/{at:%Y/%m/%d/%H}/{name}.gz"
    put_object(key, records(name) if content is None else content, came or at)
    return f"s3://dumps/{key}"


@pytest.fixture
def settings(s3: Any, door: Door, folder: Path, tmp_path: Path) -> Settings:
    return Settings(
        warehouse=folder,
        sources=["s3://dumps/ev/"],
        s3=S3Settings(endpoint=door.url, timeout_seconds=1, attempts=2),
        dns=DnsSettings(enabled=False),
        report=ReportSettings(out=tmp_path / "pages"),
    )


@pytest.fixture
def rows(settings: Settings) -> Callable[[str], list[tuple[Any, ...]]]:
    def read(query: str) -> list[tuple[Any, ...]]:
        with Warehouse(settings.warehouse, read_only=True) as lake:
            return [tuple(row.values()) for row in lake.rows(query)]

    return read


Rows = Callable[[str], list[tuple[Any, ...]]]
LEDGER = "select split_part(object_uri, '/', -1) as name, status from raw.objects order by all"


def listed(door: Door) -> list[str]:
    """The prefixes that were listed since the last look."""
    found = [re.findall(r"[?&]prefix=([^&]*)", request) for request in door.requests if "list-type" in request]
    door.requests.clear()
    return [part.replace("%2F", "/") for parts in found for part in parts]


def test_folders_files_and_buckets_are_loaded_together_and_once(settings: Settings, dumps: Path, rows: Rows) -> None:
    write_dump(dumps / "x" / "a.gz", records("local"))
    put(NOW, "b")
    put(NOW, "c", prefix="other")
    sources = [str(dumps), "s3://dumps/ev/", "s3://dumps/other"]
    done = steps.ingest(settings, sources)
    assert (done.objects, done.loaded, done.failed) == (3, 3, [])
    assert {row[0].split(":")[0] for row in rows("select object_uri from raw.objects")} == {str(dumps / "x/a.gz"), "s3"}
    assert steps.ingest(settings, sources).objects == 0


def test_the_next_run_lists_the_last_days_alone(settings: Settings, door: Door, rows: Rows) -> None:
    days = [NOW - timedelta(days=day) for day in range(1, 15)]
    for place, at in enumerate(days):
        put(at, f"d{place}")
    assert steps.ingest(settings).loaded == 14
    first = listed(door)
    put(NOW, "new")
    before = steps.read_clock()
    assert steps.ingest(settings).loaded == 1
    again = listed(door)
    assert len(again) < 15 < len(first)
    assert not any(f"{at:%Y/%m/%d}" in prefix for prefix in again for at in days[3:])
    assert rows("select source from raw.listings") == [("s3://dumps/ev/",)]
    assert rows("select listed_at from raw.listings")[0][0] <= before
    assert steps.ingest(settings, everything=True).objects == 0
    assert len(listed(door)) > len(first)


def test_what_comes_too_late_is_seen_by_all_and_then_names_are_not_trusted(
    settings: Settings, door: Door, rows: Rows
) -> None:
    put(NOW, "a")
    put(LONG_AGO, "b")
    assert steps.ingest(settings).loaded == 2
    put(LONG_AGO, "late", came=NOW)
    assert steps.ingest(settings).loaded == 0
    assert steps.ingest(settings, everything=True).loaded == 1
    assert rows("select * from raw.listings") == []
    put(LONG_AGO, "later", came=NOW)
    put(LONG_AGO, "b", records("changed"), came=NOW)
    assert steps.ingest(settings).loaded == 2


def test_folders_named_by_another_time_than_that_of_arrival_are_always_listed(settings: Settings) -> None:
    put(NOW - timedelta(hours=38), "click", came=NOW - timedelta(hours=20))
    assert steps.ingest(settings).loaded == 1
    put(LONG_AGO, "a late click", came=NOW)
    assert steps.ingest(settings).loaded == 1


def test_a_source_that_holds_another_is_listed_for_itself(settings: Settings) -> None:
    put(LONG_AGO, "a")
    put(LONG_AGO, "b", prefix="eve")
    assert steps.ingest(settings, ["s3://dumps/ev/"]).loaded == 1
    assert steps.ingest(settings, ["s3://dumps/ev"]).loaded == 1
    put(LONG_AGO, "c", prefix="x")
    assert steps.ingest(settings, ["s3://dumps/ev/", "s3://dumps"]).loaded == 1


class Stopped(Exception):  # noqa: N818 (no error of the program)
    pass


def test_an_ingest_that_was_stopped_half_way_remembers_no_listing(
    settings: Settings, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_module, "BATCH_OBJECTS", 1)
    for name in ("a", "b", "c"):
        put(LONG_AGO, name)

    def stop(done: int, total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        steps.ingest(settings, progress=stop)
    assert rows("select * from raw.listings") == []
    assert steps.ingest(settings).loaded == 2


def test_an_object_cut_off_is_failed_loads_nothing_and_is_tried_again_by_name(
    settings: Settings, door: Door, rows: Rows
) -> None:
    cut = put(LONG_AGO, "cut", records("cut", 3000))
    put(LONG_AGO, "whole")
    door.faults = [Fault(9, path="cut.gz", cut_after=3000)]
    done = steps.ingest(settings)
    assert (done.objects, done.loaded) == (2, 1)
    assert done.failed == [f"{cut}: it cannot be read from S3: it cut the answer off in 2 attempts; try again later"]
    assert rows("select count(*) from raw.events") == [(1,)]
    assert rows(LEDGER) == [("cut.gz", "failed"), ("whole.gz", "loaded")]
    door.faults.clear()
    listed(door)
    assert steps.ingest(settings).loaded == 3000
    assert not any(f"{LONG_AGO:%Y/%m/%d}" in prefix for prefix in listed(door))
    assert rows(LEDGER) == [("cut.gz", "loaded"), ("whole.gz", "loaded")]


def test_a_failed_object_that_is_gone_stays_failed_for_that_reason(settings: Settings, door: Door, rows: Rows) -> None:
    gone = put(LONG_AGO, "gone")
    put(LONG_AGO, "whole")
    door.faults = [Fault(99, "", "gone.gz", status=403)]
    (told,) = steps.ingest(settings).failed
    assert told.startswith(f"{gone}: it cannot be read from S3: access is refused (403); check the AWS credentials")
    assert steps.ingest(settings).objects == 1, "as it is refused by name too, reading it tells why"
    door.faults.clear()
    remove_object(gone.removeprefix("s3://dumps/"))
    assert steps.ingest(settings).failed == [f"{gone}: it is gone from S3"]
    assert rows("select error from raw.objects where status = 'failed'") == [("it is gone from S3",)]
    put(LONG_AGO, "gone")
    assert steps.ingest(settings).loaded == 1


def test_what_passes_is_waited_out(settings: Settings, door: Door, quick: None) -> None:
    put(NOW, "a")
    door.faults = [Fault(1, path="list-type", status=503), Fault(1, path="a.gz", status=503)]
    assert steps.ingest(settings).loaded == 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(99, status=403), r"at s3://dumps/ev/: access is refused \(403\); check the AWS credentials"),
        (Fault(99, status=503), r"at s3://dumps/ev/: it is too busy or failing, in 2 attempts; try again later"),
        (Fault(99, wait_seconds=3), r"at s3://dumps/ev/: it did not answer within 1 seconds in 2 attempts"),
    ],
)
def test_a_bucket_that_cannot_be_listed_stops_the_ingest_before_anything_is_loaded(
    settings: Settings, door: Door, dumps: Path, fault: Fault, words: str
) -> None:
    settings = settings.model_copy(update={"warehouse": dumps / "none"})
    put(NOW, "a")
    write_dump(dumps / "a.gz", records("local"))
    door.faults = [fault]
    with pytest.raises(MailgaugeError, match=words):
        steps.ingest(settings, [str(dumps), "s3://dumps/ev/"])
    assert not settings.warehouse.exists()


def test_a_bucket_and_a_server_that_are_not_there_are_told(settings: Settings) -> None:
    with pytest.raises(MailgaugeError, match="at s3://none/: there is no such bucket; check its name"):
        steps.ingest(settings, ["s3://none/"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = S3Settings(endpoint=f"http://127.0.0.1:{free.getsockname()[1]}", attempts=1)
        with pytest.raises(MailgaugeError, match="it cannot be reached; check the endpoint and the network"):
            steps.ingest(settings.model_copy(update={"s3": nobody}))


def test_a_prefix_that_never_held_anything_is_a_mistake_and_one_that_did_is_none(settings: Settings) -> None:
    with pytest.raises(UsageError, match="There is nothing under s3://dumps/ev/: check the bucket and the prefix"):
        steps.ingest(settings)
    put(NOW, "a")
    assert steps.ingest(settings).loaded == 1
    remove_object(f"ev/{NOW:%Y/%m/%d/%H}/a.gz")
    assert steps.ingest(settings).objects == 0


def write_manifest(path: Path, *uris: str) -> Path:
    events = [
        {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "dumps"}, "object": {"key": uri[11:]}}}
        for uri in uris
    ]
    path.write_text("\n".join(json.dumps({"Body": json.dumps({"Records": [event]})}) for event in events))
    return path


def test_a_manifest_loads_what_it_names_and_tells_what_is_gone(
    settings: Settings, door: Door, tmp_path: Path, rows: Rows
) -> None:
    named, gone, _ = put(LONG_AGO, "named"), put(NOW, "gone"), put(NOW, "other")
    remove_object(gone.removeprefix("s3://dumps/"))
    manifest = write_manifest(tmp_path / "queue", named, gone, named, "s3://dumps/ev/")
    done = steps.ingest(settings, manifests=[manifest])
    assert (done.objects, done.loaded, done.failed) == (2, 1, [f"{gone}: it is gone from S3"])
    assert rows("select * from raw.listings") == []
    remove_object(named.removeprefix("s3://dumps/"))
    again = steps.ingest(settings, manifests=[manifest, write_manifest(tmp_path / "none")])
    assert (again.objects, again.failed) == (1, [f"{gone}: it is gone from S3"])
    assert rows(LEDGER) == [("gone.gz", "failed"), ("named.gz", "loaded")], "what was loaded before it went stays so"
    assert steps.ingest(settings, ["s3://dumps/ev/"], manifests=[manifest]).loaded == 1


def test_a_manifest_whose_objects_are_all_refused_stops_the_ingest(
    settings: Settings, door: Door, tmp_path: Path
) -> None:
    manifest = write_manifest(tmp_path / "queue", put(NOW, "a"), put(NOW, "b"))
    door.faults = [Fault(99, "HEAD", status=403)]
    with pytest.raises(MailgaugeError, match=r"access is refused \(403\)"):
        steps.ingest(settings, manifests=[manifest])
    door.faults = [Fault(99, "", "a.gz", status=403)]
    done = steps.ingest(settings, manifests=[manifest])
    assert (done.loaded, len(done.failed)) == (1, 1)


def test_what_firehose_could_not_deliver_is_listed_where_asked_for_or_named(
    settings: Settings, dumps: Path, rows: Rows
) -> None:
    put(NOW, "good")
    put(LONG_AGO, "bad", prefix="ev/processing-failed")
    write_dump(dumps / "format-conversion-failed" / "2026" / "worse.gz", records("worse"))
    write_dump(dumps / "fine-failed", records("fine"))
    sources = [str(dumps), "s3://dumps/ev/"]
    assert steps.ingest(settings, sources).objects == 2
    assert steps.ingest(settings, sources).objects == 0
    assert steps.ingest(settings, sources, recover_failed=True).objects == 2
    assert [name for name, _ in rows(LEDGER)] == ["bad.gz", "fine-failed", "good.gz", "worse.gz"]


@pytest.mark.parametrize("source", ["s3://dumps/ev/processing-failed", "s3://dumps/ev/processing-failed/2", "x-failed"])
def test_a_folder_of_failures_that_is_named_is_listed(settings: Settings, dumps: Path, source: str) -> None:
    put(LONG_AGO, "bad", prefix="ev/processing-failed")
    write_dump(dumps / "x-failed" / "a.gz", records("a"))
    assert steps.ingest(settings, [source if "/" in source else str(dumps / source)]).objects == 1


def test_records_of_failed_deliveries_that_were_kept_back_are_looked_at_again(settings: Settings, rows: Rows) -> None:
    document = b'{"attemptsMade":4,"arrivalTimestamp":1,"errorCode":"x","rawData":"e30="}\n'
    put(NOW, "bad", document)
    put(NOW, "good")
    assert steps.ingest(settings).quarantined == 1
    ((reason,),) = rows("select reason from raw.quarantine")
    assert reason.startswith(ingest_module.FAILED_DELIVERY)
    assert steps.ingest(settings).objects == 0
    assert steps.ingest(settings, recover_failed=True).objects == 1


def test_a_night_without_news_writes_nothing(settings: Settings, rows: Rows) -> None:
    put(NOW, "a")
    steps.ingest(settings)
    before = rows("select max(snapshot_id) from ducklake_snapshots('lake')")
    steps.ingest(settings)
    assert rows("select max(snapshot_id) from ducklake_snapshots('lake')") == before


def test_a_listing_moves_on_and_one_of_a_wrong_clock_counts_for_nothing(settings: Settings, rows: Rows) -> None:
    put(LONG_AGO, "a")
    steps.ingest(settings)
    for moved in ("- interval 30 hour", "+ interval 300 day"):
        with Warehouse(settings.warehouse) as lake:
            lake.execute(f"update raw.listings set listed_at = listed_at {moved}")
        put(NOW, "a", records(moved))
        assert steps.ingest(settings).loaded == 1
        ((at,),) = rows("select listed_at from raw.listings")
        assert abs(at - steps.read_clock()) < timedelta(minutes=5)


def test_a_night_reads_the_buckets_of_the_settings(settings: Settings) -> None:
    put(NOW, "a")
    said: list[str] = []
    path = nights.run_night(settings, (), None, say=said.append, dry_run=True)
    assert said[0].startswith("Ingest: 1 records in 1 object: 1 loaded")
    assert path.is_file()


def test_the_command_line_takes_buckets_and_manifests_and_shows_no_credentials(
    settings: Settings, door: Door, tmp_path: Path
) -> None:
    manifest = write_manifest(tmp_path / "queue", put(NOW, "a"), "s3://dumps/ev/none.gz")
    put(NOW, "b")
    variables = {
        "AWS_ACCESS_KEY_ID": "AKIAVISIBLE",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "MAILGAUGE_S3__ENDPOINT": door.url,
        "MAILGAUGE_S3__ATTEMPTS": "1",
        "MAILGAUGE_SOURCES": '["s3://dumps/ev/"]',
    }

    def run(*arguments: str, **more: str) -> tuple[int, str]:
        program = [sys.executable, "-c", "from mailgauge.cli import main; main()", "ingest", *arguments]
        done = subprocess.run(
            program, cwd=tmp_path, env=os.environ | variables | more, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert not re.search("AKIAVISIBLE|s3cret|Traceback", said)
        return done.returncode, said

    status, said = run("--manifest", str(manifest))
    assert (status, "1 loaded, 0 duplicates, 0 quarantined, 1 object failed" in said) == (0, True)
    assert "failed, will be tried again: s3://dumps/ev/none.gz: it is gone from S3\n" in said
    assert run("--all", "--recover-failed")[1].startswith("Ingest: 1 records in 2 objects: 1 loaded")
    assert door.signers == {"AKIAVISIBLE"}
    door.faults = [Fault(99, status=403)]
    status, said = run("s3://dumps/ev/")
    assert (status, said.count("\n")) == (1, 1)
    assert "S3 could not be read at s3://dumps/ev/: access is refused (403)" in said
    status, said = run(MAILGAUGE_S3__ENDPOINT="http://AKIAVISIBLE:s3cret@127.0.0.1:1")
    assert (status, "The S3 endpoint holds a user or a password: leave them out" in said) == (2, True)
