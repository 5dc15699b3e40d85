from __future__ import annotations

import gzip
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from buckets.doors import Door, Fault
from buckets.objects import put_object
from mailgauge.buckets import LATE, Access, find_stored, list_stored, open_stored
from mailgauge.containers import TornError, read_chunks
from mailgauge.errors import MailgaugeError, UsageError
from mailserver import write_certificate

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
TEXT = b"".join(b'{"eventType":"Send","n":%d}\n' % n for n in range(60_000))
OBJECT = gzip.compress(TEXT, 1)


def put(s3: Any, *keys: str, body: bytes = b"{}") -> None:
    for key in keys:
        put_object(key, body)


def read(key: str, access: Access) -> bytes:
    with open_stored(f"s3://dumps/{key}", access) as file:
        return file.read()


def keys(uri: str, access: Access, since: datetime | None = None) -> list[str]:
    return [stored.uri.removeprefix("s3://dumps/") for stored in list_stored(uri, since, access)]


def test_an_object_tells_its_name_size_and_time(s3: Any, access: Access) -> None:
    s3.put_object(Bucket="dumps", Key="ev/a b+ü%20.gz", Body=b"12345")
    (stored,) = list_stored("s3://dumps/ev/", access=access)
    assert stored.uri == "s3://dumps/ev/a b+ü%20.gz"
    assert stored.size_bytes == 5
    assert abs(stored.modified_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert find_stored(stored.uri, access) == stored
    assert find_stored("s3://dumps/ev/none", access) is None
    put(s3, "ev/a b+ü%20.gz", body=b"123456")
    assert [again.etag for again in list_stored("s3://dumps/ev/", access=access)] != [stored.etag]


def test_a_prefix_may_be_a_folder_a_bucket_or_the_beginning_of_a_name(s3: Any, access: Access) -> None:
    put(s3, "ev/x/1", "ev/x/2", "ev/y", "ev2", "other")
    assert keys("s3://dumps", access) == ["ev2", "other", "ev/y", "ev/x/1", "ev/x/2"]
    assert keys("s3://dumps/", access) == keys("s3://dumps", access)
    assert keys("s3://dumps/ev/", access) == ["ev/y", "ev/x/1", "ev/x/2"]
    assert keys("s3://dumps/ev", access) == ["ev2", "ev/y", "ev/x/1", "ev/x/2"]
    assert keys("s3://dumps/ev/x/2", access) == ["ev/x/2"]
    assert keys("s3://dumps/none/", access) == []


def test_hidden_names_and_failed_deliveries_are_left_out_unless_named(s3: Any, access: Access) -> None:
    put(
        s3,
        "ev/_SUCCESS",
        "ev/.x/1",
        "ev/processing-failed/2026/11/24/1",
        "ev/2026/11/24/05/1",
        "ev/2026/11/24/05/_t/1",
        "ev/2026/11/24/05/a-failed",
    )
    assert keys("s3://dumps/ev/", access) == ["ev/2026/11/24/05/1", "ev/2026/11/24/05/a-failed"]
    assert keys("s3://dumps/ev/processing-failed/", access) == ["ev/processing-failed/2026/11/24/1"]


def fill(s3: Any, layout: str) -> None:
    for day in (0, 1, 2, 3, 4, 9, 16, 25, 50, 400):
        moment = NOW - timedelta(days=day)
        put(s3, moment.strftime(layout) + "a.gz", (moment - timedelta(hours=1)).strftime(layout) + "b.gz")


LAYOUTS = pytest.mark.parametrize(
    "layout",
    ["ev/%Y/%m/%d/%H/", "ses-%Y/%m/%d/%H/", "a=b/year=%Y/month=%m/day=%d/hour=%H/", "dt=%Y-%m-%d/", "x/%Y-%m-%d-%H/"],
)


@LAYOUTS
def test_a_night_lists_its_days_and_not_the_bucket(s3: Any, access: Access, door: Door, layout: str) -> None:
    fill(s3, layout)
    since = NOW - timedelta(hours=24)
    found = keys("s3://dumps/", access, since)
    assert 4 <= len(found) <= 8
    assert len(door.requests) <= 14
    assert all(any(NOW.strftime(part) in key for part in ("2026/11", "2026-11", "month=11")) for key in found)
    everything = keys("s3://dumps/", access)
    assert len(everything) == 20
    assert set(found) < set(everything)


@LAYOUTS
def test_what_may_have_come_since_is_always_listed(s3: Any, access: Access, layout: str) -> None:
    moments = [NOW - timedelta(hours=hours) for hours in range(0, 120, 7)]
    put(s3, *{moment.strftime(layout) + f"{moment:%H}.gz" for moment in moments})
    found = keys("s3://dumps/", access, NOW)
    for moment in moments:
        if moment >= NOW - LATE:
            assert moment.strftime(layout) + f"{moment:%H}.gz" in found


def test_a_dated_folder_below_the_prefix_asked_for_counts_too(s3: Any, access: Access) -> None:
    fill(s3, "ev/%Y/%m/%d/%H/")
    assert all(key.startswith("ev/2026/11/2") for key in keys("s3://dumps/ev/2026/11/", access, NOW))
    assert 2 <= len(keys("s3://dumps/ev/2026/11/", access, NOW)) <= 6


def test_a_folder_that_is_no_date_is_always_looked_into(s3: Any, access: Access) -> None:
    names = ["ev/2019/2026/11/24/02/a", "c-2019/b", "d/2026/11/31/c", "v/1999/01/d", "flat.gz"]
    put(s3, *names)
    assert set(keys("s3://dumps/", access, NOW)) == set(names)


@pytest.mark.parametrize("key", ["ev//x/1", "/ev/1", "ev/2026/11/24/02//1"])
def test_names_with_an_empty_part_are_not_passed_over(s3: Any, access: Access, key: str) -> None:
    put(s3, key, "ev/y")
    found = list(list_stored("s3://dumps/", NOW, access))
    assert len(found) == 2
    assert found[-1].uri == "s3://dumps/ev/y" or found[0].uri == "s3://dumps/ev/y"
    (odd,) = [stored.uri for stored in found if "//" in stored.uri[5:]]
    with pytest.raises(TornError, match="its name has two slashes in a row"):
        open_stored(odd, access)
    assert find_stored(f"s3://dumps/{key}", access)
    with pytest.raises(UsageError, match="has two slashes in a row"):
        keys("s3://dumps/ev//", access)


def test_an_object_may_have_the_signs_of_a_pattern_in_its_name(s3: Any, access: Access) -> None:
    put(s3, "ev/a[1]*?.gz")
    assert keys("s3://dumps/ev/", access) == ["ev/a[1]*?.gz"]
    assert find_stored("s3://dumps/ev/a[1]*?.gz", access)
    assert open_stored("s3://dumps/ev/a[1]*?.gz", access).read() == b"{}"


def test_listing_is_lazy(s3: Any, access: Access, door: Door) -> None:
    fill(s3, "ev/%Y/%m/%d/%H/")
    next(list_stored("s3://dumps/ev/", access=access))
    assert len(door.requests) <= 4


def test_a_folder_of_more_than_a_thousand_objects_is_listed_whole(s3: Any, access: Access) -> None:
    put(s3, *(f"ev/2026/11/24/02/{n:04}" for n in range(1100)))
    assert len(keys("s3://dumps/ev/", access, NOW)) == 1100


def test_an_object_is_read_in_parts_and_from_anywhere(s3: Any, access: Access, door: Door) -> None:
    body = bytes(range(256)) * 80_000
    put(s3, "big", body=body)
    with open_stored("s3://dumps/big", access) as file:
        assert b"".join(iter(lambda: file.read(1 << 18), b"")) == body
        assert len(door.requests) <= 5
        assert file.seek(-3, 2) == len(body) - 3
        assert file.read() == body[-3:]
        file.seek(1000)
        assert file.read(10) == body[1000:1010]


def test_an_empty_object_is_read(s3: Any, access: Access) -> None:
    put(s3, "a", body=b"")
    assert read("a", access) == b""


def test_a_packed_object_is_unpacked_as_it_comes(s3: Any, access: Access) -> None:
    put(s3, "a.gz", body=OBJECT)
    with open_stored("s3://dumps/a.gz", access) as file:
        assert b"".join(read_chunks(file)) == TEXT


FAULTS = {
    "busy": Fault(status=503),
    "failing": Fault(status=500),
    "slow": Fault(wait_seconds=2.2),
    "cut": Fault(cut_after=100),
    "cut at once": Fault(cut_after=0),
}


def make(name: str, times: int, method: str = "GET") -> Fault:
    fault = FAULTS[name]
    return replace(fault, times=times, method=method)


@pytest.mark.parametrize("name", FAULTS)
def test_what_passes_is_waited_out(s3: Any, access: Access, door: Door, quick: None, name: str) -> None:
    put(s3, "a.gz", body=OBJECT)
    door.faults = [make(name, 1)]
    assert keys("s3://dumps/", access) == ["a.gz"]
    door.faults = [make(name, 1)]
    with open_stored("s3://dumps/a.gz", access) as file:
        assert b"".join(read_chunks(file)) == TEXT


WORDS = {
    "busy": "it is too busy or failing, in 2 attempts; try again later",
    "failing": "it is too busy or failing, in 2 attempts; try again later",
    "slow": "it did not answer within 1 seconds in 2 attempts; try again later",
    "cut": "it cut the answer off in 2 attempts; try again later",
    "cut at once": "it cut the answer off in 2 attempts; try again later",
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_does_not_pass_is_told_after_a_bounded_time(
    s3: Any, access: Access, door: Door, quick: None, name: str
) -> None:
    put(s3, "a.gz", body=OBJECT)
    door.faults = [make(name, 99)]
    with pytest.raises(MailgaugeError, match=f"^S3 could not be read at s3://dumps/: {WORDS[name]}"):
        keys("s3://dumps/", access)
    assert len(door.requests) == 2
    with open_stored("s3://dumps/a.gz", access) as file, pytest.raises(TornError, match=WORDS[name]) as torn:
        list(read_chunks(file))
    assert str(torn.value).startswith("it cannot be read from S3: ")
    assert len(door.requests) == 5


def test_refused_access_is_asked_for_once_more_and_told(s3: Any, access: Access, door: Door) -> None:
    put(s3, "a.gz", body=OBJECT)
    words = r"access is refused \(403\); check the AWS credentials, and that they may list the bucket"
    door.faults = [Fault(99, "", status=403)]
    with pytest.raises(MailgaugeError, match=words):
        keys("s3://dumps/", access)
    with pytest.raises(MailgaugeError, match=words):
        find_stored("s3://dumps/a.gz", access)
    assert len(door.requests) == 4
    with pytest.raises(TornError, match=words):
        open_stored("s3://dumps/a.gz", access)
    assert len(door.requests) == 10  # each time it is asked otherwise too, and with credentials found again
    with pytest.raises(TornError, match=words):
        open_stored("s3://dumps/a.gz", replace(access, attempts=1))
    assert len(door.requests) == 12
    door.faults = [Fault(99, status=403)]
    with open_stored("s3://dumps/a.gz", access) as file, pytest.raises(TornError, match=words):
        file.read(1)


@pytest.mark.parametrize(("status", "requests"), [(403, 3), (404, 1)])
def test_what_is_granted_or_there_a_moment_later_is_read(
    s3: Any, access: Access, door: Door, status: int, requests: int
) -> None:
    put(s3, "a.gz", body=OBJECT)
    door.faults = [Fault(1, "", "list-type", status=status)]
    assert keys("s3://dumps/", access) == ["a.gz"]
    door.faults = [Fault(requests, "", status=status)]
    assert read("a.gz", access) == OBJECT


def test_an_object_that_is_gone_is_told(s3: Any, access: Access, door: Door) -> None:
    with pytest.raises(TornError, match="it is gone from S3"):
        open_stored("s3://dumps/none", access)
    put(s3, "a.gz", body=OBJECT)
    door.faults = [Fault(9, status=404)]
    with open_stored("s3://dumps/a.gz", access) as file, pytest.raises(TornError, match="it is gone from S3"):
        file.read(1)


def test_a_bucket_that_is_not_there_is_told(s3: Any, access: Access) -> None:
    with pytest.raises(MailgaugeError, match="S3 could not be read at s3://nowhere/x: there is no such bucket"):
        keys("s3://nowhere/x", access)


def test_an_endpoint_that_nobody_listens_at_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        access = Access(endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}", timeout_seconds=1, attempts=2)
        with pytest.raises(MailgaugeError, match="it cannot be reached; check the endpoint and the network"):
            keys("s3://dumps/", access)


def test_the_endpoint_and_the_keys_may_come_from_the_environment(
    s3: Any, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, "a")
    monkeypatch.setenv("AWS_ENDPOINT_URL", door.url)
    assert keys("s3://dumps/", Access(timeout_seconds=3.25)) == ["a"]
    assert read("a", Access(timeout_seconds=3.25)) == b"{}"
    assert door.signers == {"someone"}


def test_the_keys_may_come_from_a_profile(s3: Any, door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put(s3, "a")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (tmp_path / "keys").write_text("[mail]\naws_access_key_id = profiled\naws_secret_access_key = secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("AWS_PROFILE", "mail")
    assert keys("s3://dumps/", Access(endpoint=door.url)) == ["a"]
    assert read("a", Access(endpoint=door.url)) == b"{}"
    assert door.signers == {"profiled"}
    (tmp_path / "keys").write_text("[mail]\naws_access_key_id = renewed\naws_secret_access_key = secret\n")
    door.faults = [Fault(99, "", signer="profiled", status=403)]
    assert read("a", Access(endpoint=door.url)) == b"{}"
    assert door.signers == {"profiled", "renewed"}


def test_no_credentials_at_all_are_told(s3: Any, door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    door.faults = [Fault(99, "", status=403)]
    with pytest.raises(MailgaugeError, match="check the AWS credentials"):
        keys("s3://dumps/", Access(endpoint=door.url, timeout_seconds=1, attempts=2))
    with pytest.raises(TornError, match="check the AWS credentials"):
        read("a", Access(endpoint=door.url, timeout_seconds=1, attempts=2))
    assert not door.signers


def test_only_a_server_of_a_known_authority_is_believed(
    s3: Any, door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(s3, "a")
    certificate = write_certificate(tmp_path)
    safe = Door(door.port, certificate)
    try:
        stranger = Access(endpoint=safe.url, timeout_seconds=2, attempts=1)
        with pytest.raises(MailgaugeError, match="it cannot be reached; check the endpoint and the network"):
            keys("s3://dumps/", stranger)
        with pytest.raises(TornError, match="it cannot be reached; check the endpoint and the network"):
            read("a", stranger)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate[0]))
        known = replace(stranger, attempts=2)
        assert keys("s3://dumps/", known) == ["a"]
        assert read("a", known) == b"{}"
    finally:
        safe.close()


@pytest.mark.parametrize("uri", ["s3:/dumps", "s3://", "dumps/x"])
def test_what_is_no_s3_address_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match="names no S3 objects: write s3://BUCKET/PREFIX"):
        keys(uri, Access())


def test_patterns_and_wrong_endpoints_are_refused() -> None:
    with pytest.raises(UsageError, match="is a pattern: name the beginning that the objects share"):
        keys("s3://dumps/*.gz", Access())
    with pytest.raises(UsageError, match="The S3 endpoint ftp://x is no address"):
        keys("s3://dumps/", Access(endpoint="ftp://x"))
