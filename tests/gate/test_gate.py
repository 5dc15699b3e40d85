"""The quality gate: calm data passes, each kind of damage is named, warnings do not stop the night."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from documents import FIXTURES, as_lines, change, read_fixture, write_dump
from mailgauge import gate
from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.profiles import list_expectations, read_profile
from mailgauge.settings import GateSettings, Settings
from mailgauge.sources import list_objects
from mailgauge.status import read_status
from mailgauge.warehouse import Warehouse
from moments import NOW

DAY = date(2026, 3, 31)
CALM = Settings(gate=GateSettings(max_quarantined_share=1, max_sends_unseen_share=1))


@pytest.fixture(scope="module")
def built(empty_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gate") / "warehouse"
    shutil.copytree(empty_warehouse, folder)
    with Warehouse(folder) as lake:
        bad = write_dump(folder.parent / "dumps" / "bad", b"not JSON\n")
        ingest(lake, list_objects([str(FIXTURES), str(bad)]), now=NOW)
        build_marts(lake, now=NOW)
    return folder


@pytest.fixture
def lake(built: Path, tmp_path: Path) -> Iterator[Warehouse]:
    """The fixtures, loaded and built, for one test to damage."""
    shutil.copytree(built, tmp_path / "warehouse")
    with Warehouse(tmp_path / "warehouse") as opened:
        yield opened


def columns(failures: list[gate.Failure]) -> set[str]:
    return {failure.column for failure in failures}


def judge(lake: Warehouse, settings: Settings = CALM, day: date = DAY) -> gate.Verdict:
    return gate.judge(read_profile(lake, day=day, now=NOW), list_expectations(settings.gate))


def test_calm_data_passes_and_the_verdict_is_kept(lake: Warehouse) -> None:
    verdict = gate.validate(lake, CALM, day=DAY, now=NOW)
    assert verdict.as_dict() == {"passed": True, "failures": []}
    assert lake.rows("select * exclude (seen_row) from advisor.validations") == [
        {"validated_at": NOW, "day": DAY, "is_passed": True, "failures": "[]"}
    ]
    assert gate.read_banner(lake, DAY) == []


DAMAGE = {
    "repeated_events": ["insert into raw.events select * from raw.events where event_type = 'Send'"],
    "incomplete_events": ["update raw.events set message_id = ' ' where event_type = 'Click'"],
    "ancient_events": ["update raw.events set occurred_at = timestamp '2010-12-31' where event_type = 'Click'"],
    "unknown_types": ["update raw.events set event_type = 'Teleport' where event_type = 'Click'"],
    "unbalanced_objects": ["update raw.objects set loaded = loaded + 1 where loaded = 1"],
    "unaccounted_quarantine": [
        "update raw.quarantine set object_uri = (select max(object_uri) from raw.objects where quarantined = 0)"
    ],
    "unbuilt_objects": [
        "update raw.builds set object_id = object_id - 1",
        "update raw.objects set loaded_at = loaded_at - interval 61 minute",
    ],
    "unattributed_rows": ["update marts.daily set isp = null where isp = 'Yahoo'"],
    "outcome_differences": [
        "update marts.daily set complaints = 1 - complaints where isp in ('Gmail', 'Yahoo')",
        "update marts.hourly set complaints = 1 - complaints where isp in ('Gmail', 'Yahoo')",
    ],
    "hourly_differences": ["update marts.hourly set hour = hour + interval 1 day where isp = 'Gmail'"],
    "event_day_differences": ["update marts.daily_by_event_day set not_spam = 0"],
    "impossible_rows": ["update marts.daily set human_opens = opens + 1"],
}


@pytest.mark.parametrize("column", DAMAGE)
def test_damage_is_critical_and_told(column: str, lake: Warehouse) -> None:
    for statement in DAMAGE[column]:
        lake.execute(statement)
    verdict = judge(lake)
    assert not verdict.passed
    assert column in columns(verdict.critical)
    assert all("{" not in failure.sentence for failure in verdict.failures)


def test_every_critical_figure_is_tried_with_damage() -> None:
    critical = {wanted.column for wanted in list_expectations(CALM.gate) if wanted.severity == "critical"}
    assert critical == set(DAMAGE)


def test_every_figure_is_expected_something_and_the_reverse(lake: Warehouse) -> None:
    assert set(read_profile(lake, day=DAY, now=NOW)) == {wanted.column for wanted in list_expectations(CALM.gate)}


def test_objects_between_ingest_and_build_do_not_stop_the_night(lake: Warehouse) -> None:
    lake.execute("update raw.builds set object_id = object_id - 1")
    verdict = judge(lake)
    assert (verdict.passed, columns(verdict.warnings)) == (True, {"waiting_objects"})


def test_what_is_suspicious_is_a_warning_and_becomes_the_banner(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    future = change(read_fixture("open-by-a-person"), "open.timestamp", "2027-01-01T00:00:00Z")
    opened = read_fixture("open-by-a-person")
    write_dump(dumps / "a", as_lines([future, opened, opened]) + b"broken\n")
    write_dump(dumps / "b.gz", b"\x1f\x8b torn")
    build()
    with Warehouse(folder) as lake:
        verdict = gate.validate(lake, Settings(), day=date(2026, 3, 30), now=NOW)
        assert verdict.passed
        assert columns(verdict.warnings) == {
            "failed_objects", "future_events", "quarantined_share", "duplicate_share", "sends_unseen_share",
        }  # fmt: skip
        assert gate.read_banner(lake, date(2026, 3, 30)) == [failure.sentence for failure in verdict.warnings]
        assert "25.0% of the records" in next(f.sentence for f in verdict.warnings if f.column == "quarantined_share")
        assert gate.read_banner(lake, date(2020, 1, 1)) == [gate.NOT_CHECKED]
        assert json.loads(lake.value("select failures from advisor.validations"))[0]["severity"] == "warning"


def test_shares_are_of_what_was_loaded_since_the_day_began(lake: Warehouse) -> None:
    lake.execute("update raw.objects set loaded_at = timestamp '2026-03-30'")
    profile = read_profile(lake, day=DAY, now=NOW)
    assert (profile["quarantined_share"], profile["duplicate_share"]) == (None, None)


def test_sends_unseen_are_counted_as_everywhere(lake: Warehouse) -> None:
    share = read_status(lake).sends_unseen_share
    assert share
    assert read_profile(lake, day=DAY, now=NOW)["sends_unseen_share"] == pytest.approx(share)
    assert read_profile(lake, day=DAY + timedelta(days=31), now=NOW)["sends_unseen_share"] is None


def test_more_feedback_than_mail_is_a_warning_where_there_is_mail(lake: Warehouse) -> None:
    lake.execute("update marts.daily set deliveries = 0, feedback_deliveries = 0")
    assert "days_over_one" not in columns(judge(lake).warnings)
    lake.execute("update marts.daily set deliveries = 1 where isp = 'GMX'")
    lake.execute("update marts.daily set opens = 2 where isp = 'Gmail'")
    assert "days_over_one" in columns(judge(lake).warnings)


def test_old_data_is_a_warning_and_an_empty_warehouse_too(lake: Warehouse) -> None:
    late = judge(lake, day=date(2026, 4, 3))
    assert columns(late.warnings) == {"age_hours"}
    lake.execute("delete from raw.events")
    assert columns(judge(lake).failures) == {"events"}


def test_a_day_is_held_against_the_same_weekday(lake: Warehouse) -> None:
    """Mondays have 100 sends, Tuesdays 10, and the Monday asked for has 19: too little for a Monday."""
    lake.execute("delete from marts.daily")
    monday = date(2026, 3, 30)
    for weeks in range(1, 5):
        for day, sends in {monday - timedelta(weeks=weeks): 100, DAY - timedelta(weeks=weeks): 10}.items():
            lake.execute("insert into marts.daily (\"day\", isp, sends) values (?, 'Gmail', ?)", [day, sends])
    for day, sends in {monday: 19, DAY: 19}.items():
        lake.execute("insert into marts.daily (\"day\", isp, sends) values (?, 'Gmail', ?)", [day, sends])
    assert read_profile(lake, day=monday, now=NOW)["volume_share"] == pytest.approx(0.19)
    assert read_profile(lake, day=DAY, now=NOW)["volume_share"] == pytest.approx(1.9)
    assert read_profile(lake, day=monday + timedelta(weeks=1), now=NOW)["volume_share"] == 0
    assert "volume_share" in columns(judge(lake, day=monday).warnings)
    assert "volume_share" not in columns(judge(lake, day=DAY).warnings)


def test_two_weeks_are_too_few_to_call_a_day_unusual(lake: Warehouse) -> None:
    lake.execute("update marts.daily set \"day\" = date '2026-03-17'")
    assert read_profile(lake, day=DAY, now=NOW)["volume_share"] is None
    assert "volume_share" not in columns(judge(lake).failures)


def test_without_great_expectations_the_gate_says_what_to_install(lake: Warehouse) -> None:
    """In a process that cannot see the package, as in a base install."""
    program = f"""
import importlib.util, pathlib, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "great_expectations" else find(name, *rest)
from mailgauge import gate, steps
from mailgauge.settings import Settings
try:
    steps.validate(Settings(warehouse=pathlib.Path({str(lake.folder)!r})))
except gate.UsageError as error:
    print([gate.is_available(), "great_expectations" in sys.modules, str(error)])
"""
    lake.close()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == [
        False, False, "The quality gate needs Great Expectations: install mailgauge[quality].",
    ]  # fmt: skip
