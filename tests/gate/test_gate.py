"""The quality gate: calm data passes, each kind of damage is named, warnings do not stop the night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from conftest import NOW
from documents import FIXTURES, as_lines, change, read_fixture, write_dump
from mailgauge import gate
from mailgauge.settings import GateSettings, Settings
from mailgauge.warehouse import Warehouse

DAY = date(2026, 3, 31)
CALM = Settings(gate=GateSettings(max_quarantined_share=1, max_sends_unseen_share=1))


def columns(failures: list[gate.Failure]) -> set[str]:
    return {failure.column for failure in failures}


@pytest.fixture
def lake(build: Callable[..., object], folder: Path) -> Warehouse:
    build(str(FIXTURES))
    return Warehouse(folder)


def test_calm_data_passes_and_the_verdict_is_kept(lake: Warehouse) -> None:
    with lake:
        verdict = gate.validate(lake, CALM, day=date(2026, 3, 30), now=NOW)
        assert (verdict.passed, verdict.failures) == (True, [])
        assert lake.value("select count(*) from advisor.validations where is_passed") == 1


DAMAGE = {
    "repeated_events": "insert into raw.events select * from raw.events where event_type = 'Send'",
    "unbalanced_objects": "update raw.objects set loaded = loaded + 1 where loaded = 1",
    "unaccounted_quarantine": "delete from raw.quarantine where position = 1",
    "unknown_types": "update raw.events set event_type = 'Teleport' where event_type = 'Click'",
    "unusable_events": "update raw.events set message_id = ' ' where event_type = 'Click'",
    "layer_differences": "update marts.hourly set sends = sends + 1",
    "impossible_rows": "update marts.daily set human_opens = opens + 1",
    "unbuilt_objects": "update raw.builds set object_id = 0",
}


@pytest.mark.parametrize("column", DAMAGE)
def test_damage_is_critical_and_told(column: str, lake: Warehouse) -> None:
    with lake:
        lake.execute(DAMAGE[column])
        profile = gate.read_profile(lake, day=DAY, now=NOW)
        verdict = gate.judge(profile, gate.list_expectations(CALM.gate))
        assert not verdict.passed
        assert column in columns(verdict.critical)
        assert all("{" not in failure.sentence for failure in verdict.failures)


def test_what_is_suspicious_is_a_warning_and_becomes_the_banner(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    future = change(read_fixture("open-by-a-person"), "open.timestamp", "2027-01-01T00:00:00Z")
    write_dump(dumps / "a", as_lines([future]) + b"broken\n")
    write_dump(dumps / "b.gz", b"\x1f\x8b torn")
    build()
    with Warehouse(folder) as lake:
        verdict = gate.validate(lake, Settings(), day=date(2026, 3, 31), now=NOW)
        assert verdict.passed
        assert columns(verdict.warnings) >= {
            "failed_objects",
            "future_events",
            "quarantined_share",
            "sends_unseen_share",
        }
        assert gate.read_banner(lake, DAY) == [failure.sentence for failure in verdict.warnings]
        assert gate.read_banner(lake, date(2020, 1, 1)) == [gate.NOT_CHECKED]
