"""The DAGs, run without a scheduler: events in, marts built, the day that is over named until it is judged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from dags import airflow_process
from documents import all_types, as_lines, write_dump
from mailgauge import steps
from mailgauge.warehouse import Warehouse


def test_airflow_reads_the_files_without_an_error_or_a_warning(parsed: airflow_process.Parsed) -> None:
    assert (parsed.errors, parsed.warnings) == ({}, {})
    assert set(parsed.edges) == {path.stem for path in airflow_process.DAGS.glob("*.py")}


def test_every_hour_events_are_loaded_then_built_then_published(parsed: airflow_process.Parsed) -> None:
    assert parsed.edges["ingest_events"] == {("ingest", "build"), ("build", "publish")}
    assert "'10 * * * *'" in parsed.schedules["ingest_events"]
    assert parsed.limits["ingest_events"] == (False, 1)


def test_every_week_old_events_expire_and_then_the_files_are_put_in_order(parsed: airflow_process.Parsed) -> None:
    assert parsed.edges["housekeeping"] == {("expire", "compact")}
    assert "'30 4 * * 0'" in parsed.schedules["housekeeping"]
    assert parsed.limits["housekeeping"] == (False, 1)


def test_events_come_in_and_the_day_is_named_until_the_gate_has_judged_it(
    dumps: Path, folder: Path, run_dag: Callable[..., airflow_process.Ran]
) -> None:
    write_dump(dumps / "a.gz", as_lines(all_types()), packed=True)
    first = run_dag("ingest_events")
    assert (first.state, first.results["ingest"]) == ("success", 10)
    with Warehouse(folder, read_only=True) as lake:
        assert lake.value("select count(*) from marts.outcomes") == first.results["build"]
    assert len(first.published) == 1
    assert first.results["publish"] == first.published

    judged = {"day": date.fromisoformat(first.published[0]), "is_passed": True, "failures": "[]"}
    with Warehouse(folder) as lake:
        lake.insert("advisor.validations", [judged | {"validated_at": steps.read_clock()}])
    second = run_dag("ingest_events")
    assert second.tasks == {"ingest": "success", "build": "success", "publish": "skipped"}
    assert (second.state, second.results, second.published) == ("success", {"ingest": 0, "build": 0}, [])


def test_what_fails_is_tried_again_and_then_nothing_is_built_or_named(
    dumps: Path, run_dag: Callable[..., airflow_process.Ran]
) -> None:
    shutil.rmtree(dumps)
    failed = run_dag("ingest_events")
    assert failed.state == "failed"
    assert failed.tasks == {"ingest": "failed", "build": "upstream_failed", "publish": "upstream_failed"}
    assert failed.tries["ingest"] == 3
