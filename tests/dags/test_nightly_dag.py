"""The night's DAG, run without a scheduler: a day in, its verdict, findings, report and one mail out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dags import airflow_process
from documents import as_lines, change, read_fixture, write_dump
from mailgauge.warehouse import Warehouse
from mailserver import Server, serving

Run = Callable[..., airflow_process.Ran]

DAY = "2026-03-31"
NIGHT = {"day": DAY}
STEPS = ["validate", "advise", "report", "alert"]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, server: Server) -> dict[str, str]:
    """Settings as a scheduler gives them: variables."""
    return {
        "MAILGAUGE_REPORT__OUT": str(tmp_path / "reports"),
        "MAILGAUGE_SMTP__HOST": "127.0.0.1",
        "MAILGAUGE_SMTP__PORT": str(server.port),
        "MAILGAUGE_ALERT__RECIPIENTS": json.dumps(["ops@example.com"]),
        "MAILGAUGE_DNS__ENABLED": "false",
    }


@pytest.fixture
def loaded(dumps: Path, folder: Path, build: Callable[..., object]) -> Path:
    """A warehouse with five complaints on five messages."""
    write_dump(dumps / "a", as_lines(complaints(5)))
    build()
    return folder


def complaints(number: int) -> list[dict[str, Any]]:
    """Messages to Yahoo that were sent, delivered and complained of."""
    found = []
    for name in ("send", "delivery", "complaint"):
        for count in range(number):
            document = change(read_fixture(name), "mail.messageId", f"0100019d3c2a5b10-{count:08d}")
            document = change(document, "mail.destination", ["bert@yahoo.com"])
            found.append(
                change(document, "delivery.recipients", ["bert@yahoo.com"]) if name == "delivery" else document
            )
    return found


def read(folder: Path, query: str) -> list[dict[str, Any]]:
    with Warehouse(folder, read_only=True) as lake:
        return lake.rows(query)


def test_a_night_runs_after_the_events_of_its_day_came_in(parsed: airflow_process.Parsed) -> None:
    assert parsed.edges["nightly_deliverability"] == set(pairwise(STEPS))
    assert "PartitionedAssetTimetable" in parsed.schedules["nightly_deliverability"]
    assert parsed.limits["nightly_deliverability"] == (False, 1)


def test_a_night_ends_in_a_report_and_a_mail_and_another_of_the_same_day_in_no_second_mail(
    loaded: Path, tmp_path: Path, run_dag: Run, server: Server, settings: dict[str, str]
) -> None:
    first = run_dag("nightly_deliverability", NIGHT, **settings)
    assert (first.state, first.tasks) == ("success", dict.fromkeys(STEPS, "success"))
    assert first.results["report"] == f"Report: {tmp_path / 'reports' / DAY}.html"
    assert (tmp_path / "reports" / f"{DAY}.html").is_file()
    assert [mail["Subject"].split(" (")[0] for mail in server.mails] == [
        "Complaint rate 100.0 % at Yahoo for acme.example"
    ]
    incidents = read(loaded, "select * from advisor.incidents")
    second = run_dag("nightly_deliverability", NIGHT, **settings)
    older = run_dag("nightly_deliverability", {"day": "2026-03-30"}, **settings)
    assert (second.state, older.state, len(server.mails)) == ("success", "success", 1)
    assert "2026-03-31 is judged already" in older.results["alert"]
    assert read(loaded, "select * from advisor.incidents") == incidents


def test_a_critical_gate_ends_the_run_at_once_and_is_told_by_mail(
    loaded: Path, tmp_path: Path, run_dag: Run, server: Server, settings: dict[str, str]
) -> None:
    with Warehouse(loaded) as lake:
        lake.execute("insert into raw.events select * from raw.events")
    night = run_dag("nightly_deliverability", NIGHT, **settings)
    assert night.state == "failed"
    assert night.tasks == {"validate": "failed"} | dict.fromkeys(STEPS[1:], "upstream_failed")
    assert night.tries["validate"] == 1
    assert not (tmp_path / "reports").exists()
    assert read(loaded, "select * from advisor.incidents") == []
    (mail,) = server.mails
    assert mail["Subject"].startswith("mailgauge: validate in nightly_deliverability")
    assert "repeat an event" in " ".join(mail.get_content().split())


def test_a_night_without_a_warehouse_fails_without_trying_again(
    tmp_path: Path, run_dag: Run, settings: dict[str, str]
) -> None:
    night = run_dag("nightly_deliverability", NIGHT, **settings, MAILGAUGE_WAREHOUSE=str(tmp_path / "nowhere"))
    assert (night.tasks["validate"], night.tries["validate"]) == ("failed", 1)
