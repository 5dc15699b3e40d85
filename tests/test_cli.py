"""The command line as a newcomer meets it: one sentence for every mistake, and the exit status that goes with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from documents import all_types, as_lines, write_dump

MAILGAUGE = [sys.executable, "-c", "from mailgauge.cli import main; main()"]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MAILGAUGE, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse of ten events, built by the command line itself."""
    folder = tmp_path_factory.mktemp("cli")
    write_dump(folder / "dumps" / "a.gz", as_lines(all_types()) + b"=cmd()\n", packed=True)
    done = run("ingest", "dumps", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "11 records in 1 object: 10 loaded, 0 duplicates, 1 quarantined, 0 objects failed." in done.stdout
    assert run("build", cwd=folder).returncode == 0
    return folder


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--warehouse", "nowhere", "status"], 2, "There is no warehouse in nowhere: run `mailgauge ingest` first"),
        (["--config", "nowhere.toml", "status"], 2, "There is no settings file nowhere.toml"),
        (["ingest", "nowhere"], 2, "There is no file or folder nowhere: check the path."),
        (["ingest"], 2, "Nothing to ingest: name a folder"),
        (["sql", "selec 1"], 1, "syntax error"),
        (["sql", "select 1", "--format", "xml"], 2, "--format xml is not known here"),
        (["sql", "delete from raw.events"], 1, "read-only"),
        (["metrics", "happiness"], 2, "There is no metric happiness: choose one of"),
        (["metrics", "open_rate", "--by", "mood"], 2, "No metric can be broken down by mood"),
        (["metrics", "open_rate", "--since", "soon"], 2, "'soon' is not a day: write it as YYYY-MM-DD."),
        (["trace", "nobody@nowhere.example"], 1, "No event of 'nobody@nowhere.example' is in the warehouse"),
        (["simulate", "dumps"], 2, "dumps"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_and_never_as_a_traceback(
    arguments: list[str], status: int, words: str, place: Path
) -> None:
    done = run(*arguments, cwd=place)
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_told_with_their_name(place: Path) -> None:
    (place / "wrong.toml").write_text("[alert]\nmin_complaints = 0\n")
    done = run("--config", "wrong.toml", "status", cwd=place)
    assert (done.returncode, "Setting 'alert.min_complaints'" in done.stderr) == (2, True)
    (place / "secret.toml").write_text('smtp_password = "x"\n')
    done = run("--config", "secret.toml", "status", cwd=place)
    assert (done.returncode, "set MAILGAUGE_SMTP_PASSWORD instead" in done.stderr) == (2, True)
    (place / "broken.toml").write_text("warehouse = \n")
    assert run("--config", "broken.toml", "status", cwd=place).returncode == 2


def test_status_says_what_arrived_and_that_the_sums_agree(place: Path) -> None:
    found = json.loads(run("status", "--format", "json", cwd=place).stdout)
    assert (found["records"], found["loaded"], found["quarantined"], found["disagreements"]) == (11, 10, 1, [])
    text = run("status", cwd=place).stdout
    assert "1 records: it is not JSON" in text
    assert "sums         agree" in text


def test_metrics_come_with_numerator_denominator_and_interval(place: Path) -> None:
    rows = json.loads(run("metrics", "complaint_rate", "--by", "isp", "--format", "json", cwd=place).stdout)
    gmail = next(row for row in rows if row["isp"] == "Gmail")
    assert (gmail["denominator"], gmail["rate"], gmail["low"]) == (0, None, None)
    assert "no data" in run("metrics", "complaint_rate", "--by", "isp", cwd=place).stdout


def test_sql_reads_and_defuses_what_a_spreadsheet_would_run(place: Path) -> None:
    done = run("sql", "select record from raw.quarantine", "--format", "csv", cwd=place)
    assert done.stdout == "record\n'=cmd()\n"


def test_trace_tells_a_journey(place: Path) -> None:
    text = run("trace", "ANNA@gmail.com", cwd=place).stdout
    assert "Send" in text
    assert "Click" in text
    assert text.index("Send ") < text.index("Click ")
    events = json.loads(run("trace", "anna@gmail.com", "--format", "json", cwd=place).stdout)
    assert events[0]["occurred_at"].endswith("Z")


def test_help_lists_the_commands(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "ingest" in done.stdout
