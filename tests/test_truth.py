"""The main job on a simulated week: every count of marts.daily is the simulator's own truth."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.metrics import Question, read_metric
from mailgauge.simulation import simulate
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW

pytestmark = pytest.mark.threads

KEYS = ("day", "account_id", "region", "identity", "configuration_set", "tenant", "isp")


def test_a_simulated_week_counts_as_its_truth_says(folder: Path, tmp_path: Path) -> None:
    made = simulate(tmp_path / "week", messages=20_000, end=date(2026, 3, 30))
    truth = json.loads(made.truth_path.read_text())
    with Warehouse(folder) as lake:
        done = ingest(lake, list_objects([str(tmp_path / "week")]), now=NOW)
        assert (done.records, done.duplicates, done.quarantined) == (made.events, made.duplicates, made.bad_records)
        build_marts(lake, now=NOW)
        counts = [name for name in truth["daily"][0] if name not in KEYS]
        found = {
            tuple(str(row[key]) if key == "day" else row[key] for key in KEYS): [row[name] for name in counts]
            for row in lake.rows("select * from marts.daily")
        }
        wanted = {tuple(row[key] for key in KEYS): [row[name] for name in counts] for row in truth["daily"]}
        assert {key: row for key, row in found.items() if any(row)} == {k: row for k, row in wanted.items() if any(row)}
        story = truth["story"]
        (rate,) = [
            row
            for row in read_metric(
                lake, Question("complaint_rate", by=["identity", "isp"], since=date(2026, 3, 29))
            ).to_dicts()
            if (row["identity"], row["isp"]) == (story["identity"], story["isp"])
        ]
        assert rate["low"] > 0.003, "the import is over the line beyond doubt"
