"""A whole night at the command line: simulated dumps in, a report and one mail out, and everything that may stop it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgauge import steps
from mailgauge.simulation import simulate
from mailgauge.warehouse import Warehouse
from mailserver import Server, secure_options, serving, write_certificate

STATE = {
    "raw.objects": "select * exclude (loaded_at) from raw.objects",
    "raw.events": "select event_id from raw.events",
    "raw.quarantine": "select * from raw.quarantine",
    "marts.outcomes": "select * from marts.outcomes",
    "marts.daily": "select * from marts.daily",
    "advisor.findings": "select * exclude (last_seen_at) from advisor.findings",
    "advisor.incidents": "select * from advisor.incidents",
}
"""What a second night on the same dumps must leave as it is."""


@dataclass
class Place:
    """A folder with the dumps of a week, settings, and a mail server that wants STARTTLS and a login."""

    folder: Path
    server: Server
    variables: dict[str, str] = field(default_factory=lambda: {"MAILGAUGE_SMTP_PASSWORD": "s3cret"})

    def run(self, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "from mailgauge.cli import main; main()", *arguments]
        done = subprocess.run(
            program, cwd=self.folder, env=os.environ | self.variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    def read(self) -> dict[str, list[str]]:
        with Warehouse(self.folder / "warehouse", read_only=True) as lake:
            return {name: sorted(map(str, lake.rows(query))) for name, query in STATE.items()}

    def rows(self, query: str) -> list[dict[str, Any]]:
        with Warehouse(self.folder / "warehouse", read_only=True) as lake:
            return lake.rows(query)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("night")
    simulate(folder / "dumps", messages=20_000, end=steps.yesterday(), processes=1)
    certificate = write_certificate(folder)
    with serving(Server(), **secure_options(certificate)) as server:
        (folder / "mailgauge.toml").write_text(
            f"""
            sources = ["dumps/events"]
            dns.enabled = false
            report.out = "pages"
            alert.recipients = ["ops@example.com"]
            smtp = {{ host = "127.0.0.1", port = {server.port}, starttls = true, user = "mailgauge",
                     ca_file = "{certificate[0]}" }}
            """.replace("\n                     ", " ")
        )
        yield Place(folder, server)


@pytest.fixture(scope="module")
def told(place: Place) -> str:
    """What the first night says."""
    return place.run("nightly").stdout


def test_a_night_tells_every_step_in_order(told: str) -> None:
    firsts = [line.split(":")[0] for line in told.splitlines() if not line.startswith(" ")]
    assert firsts == ["Ingest", "Build", "Gate", "Advice", "Report", "Alert"]
    assert "DNS not checked for any domain: look-ups are switched off." in told
    assert "Alert: 1 incident opened; 1 mail sent." in told


def test_the_report_is_where_it_says_and_names_what_was_not_checked(place: Place, told: str) -> None:
    path = place.folder / "pages" / f"{steps.yesterday()}.html"
    assert f"Report: pages/{path.name}" in told
    text = path.read_text(encoding="utf-8")
    assert "news.shop.example" in text
    assert "look-ups are switched off" in text
    assert "has not judged" not in text


def test_one_mail_arrives_through_starttls_and_login(place: Place, told: str) -> None:
    assert "mail: Complaint rate" in told
    (mail,) = place.server.mails
    assert mail["To"] == "ops@example.com"
    assert mail["Subject"].endswith("at Yahoo for news.shop.example (limit 0.3 %)")
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}


def test_a_second_night_sends_nothing_and_changes_nothing(place: Place, told: str) -> None:
    before, mails = place.read(), len(place.server.got)
    again = place.run("nightly").stdout
    assert "Ingest: nothing new" in again
    assert "0 new, 0 fixed." in again
    assert "Alert: 1 incident still open; 0 mails sent." in again
    assert place.read() == before
    assert len(place.server.got) == mails


def test_a_dry_run_prints_the_mail_and_changes_nothing(place: Place, told: str, tmp_path: Path) -> None:
    """On a warehouse whose incidents nobody was told of yet."""
    with Warehouse(place.folder / "warehouse") as lake:
        kept = lake.rows("select * from advisor.incidents")
        evaluated = lake.rows("select * from advisor.evaluations")
        lake.execute("delete from advisor.incidents")
        lake.execute("delete from advisor.evaluations")
    try:
        before, mails = place.read(), len(place.server.got)
        printed = place.run("alert", "--dry-run").stdout
        assert "1 mail would be sent (dry run)" in printed
        assert "Subject: Complaint rate" in printed
        assert "LIKELY CAUSE" in printed
        assert (place.read(), len(place.server.got)) == (before, mails)
        assert place.rows("select * from advisor.evaluations") == []
    finally:
        with Warehouse(place.folder / "warehouse") as lake:
            lake.insert("advisor.incidents", kept)
            lake.insert("advisor.evaluations", evaluated)


def test_advice_in_json_is_a_list_of_findings(place: Place, told: str) -> None:
    done = place.run("advise", "--format", "json")
    findings = json.loads(done.stdout)
    assert isinstance(findings, list)
    assert {finding["status"] for finding in findings} == {"OPEN"}
    worst = next(found for found in findings if found["resource"] == "identity:news.shop.example")
    assert worst["check"] == "complaint_rate"
    assert worst["evidence"]["numerator"] <= worst["evidence"]["denominator"]
    assert worst["first_seen_at"].endswith("Z")
    assert "look-ups are switched off" in done.stderr


def test_a_report_says_where_nothing_judged_its_day(place: Place, told: str) -> None:
    day = steps.yesterday() - timedelta(days=1)
    path = place.run("report", "--day", str(day), "--out", "elsewhere").stdout.strip()
    assert path == f"elsewhere/{day}.html"
    text = (place.folder / path).read_text(encoding="utf-8")
    assert "The quality gate has not judged this day" in text
    assert "The advisor has not judged this day" in text


def test_a_night_cannot_begin_with_a_day_to_come_or_mail_that_cannot_go(place: Place, told: str) -> None:
    tomorrow = str(steps.read_clock().date() + timedelta(days=1))
    for command in ("nightly", "validate", "advise", "report", "alert"):
        done = place.run(command, "--day", tomorrow, status=2)
        assert f"{tomorrow} has not begun" in done.stderr
        assert done.stdout == ""
    without = Place(place.folder, place.server, {})
    done = without.run("nightly", status=2)
    assert "set MAILGAUGE_SMTP_PASSWORD" in done.stderr
    assert done.stdout == ""


def test_a_report_that_cannot_be_written_is_an_error(place: Place, told: str) -> None:
    (place.folder / "taken").write_text("")
    done = place.run("report", "--out", "taken", status=1)
    assert done.stderr.startswith("mailgauge: The report taken/")
    assert done.stderr.count("\n") == 1


def test_a_mail_server_that_is_down_keeps_the_mail_for_the_next_run(place: Place, told: str) -> None:
    with Warehouse(place.folder / "warehouse") as lake:
        lake.execute("update advisor.incidents set opened_mail = 'pending', opened_mail_at = null")
    mails = len(place.server.got)
    down = Place(place.folder, place.server, {**place.variables, "MAILGAUGE_SMTP__PORT": "1"})
    assert "cannot be reached" in down.run("alert", status=1).stderr
    assert "1 mail sent" in place.run("alert").stdout
    assert len(place.server.got) == mails + 1


def test_a_critical_gate_stops_report_and_mail(place: Place, told: str) -> None:
    """Last in this file: it damages the warehouse."""
    page = place.folder / "pages" / f"{steps.yesterday()}.html"
    page.unlink()
    with Warehouse(place.folder / "warehouse") as lake:
        lake.execute("insert into raw.events select * from raw.events where event_type = 'Click'")
        lake.execute("delete from advisor.incidents")
        lake.execute("delete from advisor.evaluations")
    mails = len(place.server.got)
    for arguments in (["nightly"], ["validate"], ["report"], ["alert"], ["alert", "--dry-run"]):
        done = place.run(*arguments, status=3)
        assert "repeat an event" in done.stderr
        assert "Report:" not in done.stdout
    assert not page.exists()
    assert len(place.server.got) == mails
    assert place.rows("select * from advisor.incidents") == []


def test_steps_want_a_warehouse_and_make_none(tmp_path: Path, place: Place) -> None:
    nowhere = Place(tmp_path, place.server)
    for command in ("build", "validate", "advise", "report", "alert", "status"):
        assert "There is no warehouse in warehouse" in nowhere.run(command, status=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_base_install_has_a_night_without_a_gate(place: Place, told: str, tmp_path: Path) -> None:
    """In a process that cannot see Great Expectations or Airflow."""
    program = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "great_expectations" else find(name, *rest)
class Hidden:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("great_expectations", "airflow", "pandas"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
from mailgauge.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "demo", "--messages", "2000"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Gate: not checked, Great Expectations is not installed" in done.stdout
    path = tmp_path / done.stdout.splitlines()[-1]
    assert path.suffix == ".html"
    assert "has not judged this day" in path.read_text(encoding="utf-8")
