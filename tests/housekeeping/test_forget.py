"""Forgetting: every row, text, snapshot and file of a person, and nothing of anybody else's."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from documents import all_types, as_lines, change, read_fixture, write_dump
from filling import build, load
from housekeeping.conftest import contents, reading
from mailgauge import cli, steps
from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.marts import build_marts
from mailgauge.refusals import BusyError
from mailgauge.settings import Settings
from mailgauge.status import read_status
from mailgauge.warehouse import Warehouse
from moments import NOW

ADDRESS = "jane.doe@example.com"
OTHER = "mary.jane.doe@example.com"
WRITTEN = [
    "https://shop.example/?email=jane.doe%40example.com&x=1",
    "https://shop.example/?email=Jane%2EDoe%2540Example.com",
    "jane.doe@example.com jane.doe@example.com",
    "550 5.1.1 <JANE.DOE@EXAMPLE.COM>: gone",
    r"{\"to\": \"jane.doe\u0040example.com\"}",
    '"jane.doe"@example.com',
    "bounce to jane.doe=example.com, gone",
    "&#106;ane.doe&#64;example.com",
]

FORGET = """
import sys
from pathlib import Path
from mailgauge import forgetting, steps
from mailgauge.warehouse import Warehouse
with Warehouse(Path(sys.argv[1])) as lake:
    print("open", flush=True)
    forgetting.forget(lake, sys.argv[2], now=steps.read_clock())
"""


@pytest.fixture(scope="module")
def _known(tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path) -> Path:
    dumps = tmp_path_factory.mktemp("dumps")
    folder = Path(shutil.copytree(empty_warehouse, tmp_path_factory.mktemp("known") / "warehouse"))
    for number in range(2):
        sent = change(change(read_fixture("send"), "mail.destination", [ADDRESS]), "mail.messageId", f"j{number}")
        got = change(change(read_fixture("delivery"), "delivery.recipients", [ADDRESS]), "mail.messageId", f"j{number}")
        clicks = [
            change(
                change(read_fixture("click-by-a-scanner"), "click.link", text), "mail.messageId", f"c{number}{place}"
            )
            for place, text in enumerate([*WRITTEN, OTHER])
        ]
        bad = json.dumps({"eventType": "Odd", "mail": {"messageId": "x", "destination": [ADDRESS.upper()]}}).encode()
        others = change(change(read_fixture("send"), "mail.destination", [OTHER]), "mail.messageId", f"o{number}")
        documents = [*all_types(), sent, got, *clicks, others]
        write_dump(dumps / f"{number}", as_lines(documents) + bad + b"\n")
        load(folder, dumps)
        build(folder)
    with Warehouse(folder) as lake:
        letter = {"event_id": "01990000-0000-7000-8000-000000000000", "occurred_at": NOW, "day": date(2026, 3, 30)}
        letter |= {"message_id": "in", "recipient_index": 1, "object_id": 1, "position": 1, "source": ADDRESS}
        lake.insert("raw.inbound_receipts", [letter])
        lake.insert("advisor.advice", [{"advised_at": NOW, "day": NOW.date(), "not_checked": json.dumps([ADDRESS])}])
    return folder


@pytest.fixture
def known(tmp_path: Path, _known: Path) -> Path:
    """A warehouse that knows a person by every way, in several snapshots."""
    return Path(shutil.copytree(_known, tmp_path / "warehouse"))


def require_no_trace(folder: Path) -> None:
    """Looked for by other means than forget's own: the plain spelling in every decoded column and every byte."""
    with Warehouse(folder, read_only=True) as lake:
        for file in (folder / "data").rglob("*.parquet"):
            assert not lake.value(
                f"select count(*) from read_parquet('{file}') as r where r::varchar ilike '%jane%doe%' "
                f"and not r::varchar ilike '%{OTHER}%'"
            ), file
        assert lake.value("select count(*) from ducklake_snapshots('lake')") == 1
    for file in folder.rglob("*"):
        if file.is_file():
            assert ADDRESS.encode() not in file.read_bytes().lower().replace(OTHER.encode(), b"")


def test_every_trace_of_a_person_goes_and_nothing_of_anybody_else(known: Path) -> None:
    done = steps.forget(Settings(warehouse=known), f" {ADDRESS.title()} ")
    require_no_trace(known)
    assert (done.event_rows, done.messages, done.stream_rows, done.quarantined) == (4, 2, 1, 2)
    assert done.texts == 2 * len(WRITTEN) + 1
    assert [Path(uri).name for uri in done.objects] == ["0", "1"]
    with Warehouse(known, read_only=True) as lake:
        assert lake.value("select count(*) from raw.events where recipient = ?", [OTHER]) == 2
        assert lake.value("select count(*) from raw.events where link = ?", [OTHER]) == 2
        links = {row["link"] for row in lake.rows("select link from raw.events where link like '%forgotten%'")}
        assert "https://shop.example/?email=[forgotten]&x=1" in links
        assert "[forgotten] [forgotten]" in links
        assert json.loads(lake.value("select not_checked from advisor.advice")) == ["[forgotten]"]
        assert read_status(lake).disagreements == []


def test_the_counts_are_those_of_a_rebuild_without_the_person(known: Path) -> None:
    with Warehouse(known, read_only=True) as lake:
        before = lake.value("select sum(deliveries)::bigint from marts.daily")
    steps.forget(Settings(warehouse=known), ADDRESS)
    with Warehouse(known, read_only=True) as lake:
        assert lake.value("select sum(deliveries)::bigint from marts.daily") == before - 2
    left = contents(known)
    with Warehouse(known) as lake:
        build_marts(lake, now=NOW, full=True)
    assert {**contents(known), "raw.builds": []} == {**left, "raw.builds": []}


def test_the_command_says_what_it_did_and_never_the_address(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGAUGE_WAREHOUSE", str(known))
    ran = CliRunner().invoke(cli.app, ["forget", ADDRESS])
    assert ran.output.startswith("Forget: 4 events of 2 messages and 1 row of other streams taken out; replaced in 2")
    assert "no trace of it left in" in ran.output
    assert "The dumps still hold it" in ran.output
    assert "jane" not in ran.output.lower()
    again = steps.forget(Settings(warehouse=known), ADDRESS)
    assert (again.event_rows, again.texts, again.objects) == (0, 0, ())


def test_it_does_not_pull_files_from_under_someone_who_reads(known: Path) -> None:
    with reading(known) as read_again:
        before = read_again()
        with pytest.raises(BusyError, match=r"close notebooks and queries on it, then run this again"):
            steps.forget(Settings(warehouse=known, lock_seconds=0.2), ADDRESS)
        assert read_again() == before
    steps.forget(Settings(warehouse=known), ADDRESS)
    require_no_trace(known)


def test_killed_at_any_moment_it_is_done_by_running_it_again(known: Path) -> None:
    for delay in (0.1, 0.5, 1.0, 1.5):
        with subprocess.Popen(
            [sys.executable, "-c", FORGET, str(known), ADDRESS], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == "open\n"
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
    steps.forget(Settings(warehouse=known), ADDRESS)
    require_no_trace(known)
    with Warehouse(known, read_only=True) as lake:
        assert read_status(lake).disagreements == []


def test_a_trace_that_is_left_is_named_and_is_a_failure(known: Path) -> None:
    (known / "notes.txt").write_text(f"ask {ADDRESS}", encoding="utf-8")
    with pytest.raises(MailgaugeError, match=r"a trace is left in .*notes\.txt: run it again") as caught:
        steps.forget(Settings(warehouse=known), ADDRESS)
    assert "jane" not in str(caught.value)


@pytest.mark.parametrize("text", ["jane", "@example.com", "jane@", "jane doe", "a@b@", ""])
def test_what_is_no_address_is_refused(text: str, folder: Path) -> None:
    with pytest.raises(UsageError, match="no mail address"):
        steps.forget(Settings(warehouse=folder), text)
