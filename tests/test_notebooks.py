"""The notebooks run as they stand, on a simulated week with a new sending IP, and their answers are true of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import mailgauge
from documents import as_lines, change, read_fixture, write_dump
from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.simulation import simulate
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
END = date(2026, 3, 30)
NEW_IP, GROWTH = "198.51.100.77", (5, 20, 80)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of the story's week, in whose last days a new IP begins to send."""
    tmp_path = tmp_path_factory.mktemp("week")
    simulate(tmp_path / "dumps", messages=6000, end=END)
    warming = [
        change(change(_send_from(NEW_IP), "mail.messageId", f"warm-{day}-{number}"), "mail.timestamp", _stamp(day))
        for day, count in enumerate(GROWTH)
        for number in range(count)
    ]
    write_dump(tmp_path / "dumps" / "events" / "warming", as_lines(warming))
    with Warehouse(tmp_path / "warehouse") as lake:
        ingest(lake, list_objects([str(tmp_path / "dumps" / "events")]), now=NOW)
        build_marts(lake, now=NOW)
    return tmp_path / "warehouse"


def _send_from(ip: str) -> dict[str, Any]:
    document = change(read_fixture("delivery"), "mail.tags", {"ses:outgoing-ip": [ip]})
    return change(document, "delivery.timestamp", _stamp(2))


def _stamp(day: int) -> str:
    return f"{END - timedelta(days=2 - day)}T09:00:00.000Z"


@pytest.fixture
def run(week: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the cells of a notebook as they stand; returns the names they leave."""
    monkeypatch.setenv("MAILGAUGE_WAREHOUSE", str(week))

    def execute(name: str) -> dict[str, Any]:
        names: dict[str, Any] = {}
        for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)  # noqa: S102 (our own notebook)
        return names

    return execute


@pytest.fixture
def outcomes(week: Path) -> list[dict[str, Any]]:
    with Warehouse(week, read_only=True) as lake:
        return lake.rows("select * from marts.outcomes where not is_simulator")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_as_others_write_them_and_holds_no_output(name: str) -> None:
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["cells"][0]["cell_type"] == "markdown"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[\w-]{1,64}", one) for one in ids)
    assert [cell for cell in notebook["cells"] if cell.get("outputs")] == []


def test_there_are_five() -> None:
    assert len(NAMES) == 5


def test_which_campaign_hurt_us_at_yahoo(run: Any, outcomes: list[dict[str, Any]]) -> None:
    complaints = Counter(row["subject"] for row in outcomes if row["isp"] == "Yahoo" and row["complained_at"])
    answer = run("which_campaign_hurt_us_at_yahoo")["answer"]
    (worst, count), *_ = complaints.most_common(1)
    assert f"“{worst}” brought {count} of {complaints.total()} complaints at Yahoo" in answer


def test_who_clicked(run: Any, outcomes: list[dict[str, Any]]) -> None:
    people = {row["recipient"] for row in outcomes if row["human_clicked_at"] and row["is_single_recipient"]}
    assert run("who_clicked")["answer"].startswith(f"{len(people):,} people clicked ")


def test_did_the_new_ip_warm_up(run: Any) -> None:
    assert run("did_the_new_ip_warm_up")["answer"].startswith(
        f"{NEW_IP} warmed up: 5 recipients on its first day, 80 on its last, 0.0% of them delayed lately (others "
    )


def test_bounces_by_reason_since_the_import(run: Any, outcomes: list[dict[str, Any]]) -> None:
    names = run("bounces_by_reason_since_the_import")
    began = names["began"]
    days = {row["day"] for row in outcomes if row["day"] >= began}
    count = sum(
        row["bounce_reason"] == "invalid_recipient" and bool(row["bounced_at"]) and row["day"] >= began
        for row in outcomes
    )
    assert names["answer"].startswith(f"Since {began}, “No such mailbox” grew most: from ")
    assert f" to {count / len(days):.0f} bounces a day." in names["answer"]


def test_complaint_rate_by_week_with_interval(run: Any, outcomes: list[dict[str, Any]]) -> None:
    names = run("complaint_rate_by_week_with_interval")
    asked = [row for row in outcomes if row["is_feedback_capable"]]
    assert names["weeks"]["numerator"].sum() == sum(bool(row["complained_at"]) for row in asked)
    assert names["weeks"]["denominator"].sum() == sum(bool(row["delivered_at"]) for row in asked)
    assert names["last"]["low"] < names["last"]["rate"] < names["last"]["high"]


def test_a_connection_reads_as_polars_pandas_and_arrow_and_writes_nothing(week: Path) -> None:
    lake = mailgauge.connect(week)
    query = "select event_id, sent_at, tags, score from marts.engagements join raw.events using (event_id) limit 3"
    assert lake.sql(query).pl().height == 3
    assert len(lake.sql(query).df()) == 3
    assert lake.sql(query).to_arrow_table().num_rows == 3
    assert lake.sql("select current_setting('TimeZone')").fetchone() == ("UTC",)
    with pytest.raises(Exception, match="read-only"):
        lake.execute("delete from marts.daily")


def test_a_connection_reads_while_another_process_writes(week: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from mailgauge.warehouse import Warehouse\n"
        "with Warehouse(Path(sys.argv[1])) as lake, lake.transaction():\n"
        "    lake.execute(\"insert into raw.listings values ('s3://being-written', now()::timestamp)\")\n"
        "    print('writing', flush=True); sys.stdin.readline(); raise SystemExit(0)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(week)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        assert writer.stdin
        assert writer.stdout.readline() == "writing\n"
        lake = mailgauge.connect(week)
        assert lake.sql("select count(*) > 0 from marts.daily").fetchone() == (True,)
        assert lake.sql("select count(*) from raw.listings where source like '%being%'").fetchone() == (0,)
        writer.stdin.write("\n")
        writer.stdin.flush()
