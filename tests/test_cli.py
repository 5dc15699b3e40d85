"""The command line as a newcomer meets it: one sentence for every mistake, and the exit status that goes with it."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from advisor.nameserver import serving
from documents import all_types, as_lines, write_dump
from mailgauge.words import show_rows

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
        (["sql", "copy (select 1) to 'stolen.csv'"], 1, "read-only"),
        (["sql", "attach 'new.db' as new"], 1, "read-only"),
        (["sql", "from enable_logging(storage_path = 'stolen')"], 1, "enable_logging() may do more than read"),
        (["sql", ""], 2, "No statements were given: write one query."),
        (["sql", "select 1; select 2"], 2, "2 statements were given: write one query."),
        (["metrics", "happiness"], 2, "There is no metric happiness: `mailgauge metrics` lists them."),
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
    assert "1 record: it is not JSON" in text
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
    assert text.index("Send\n") < text.index("Click ")
    events = json.loads(run("trace", "anna@gmail.com", "--format", "json", cwd=place).stdout)
    assert events[0]["occurred_at"].endswith("Z")


def test_help_lists_the_commands(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "ingest" in done.stdout


def test_help_brings_nothing_heavy_along() -> None:
    program = "import sys, mailgauge.cli; print(sorted(sys.modules.keys() & set(sys.argv[1:])))"
    heavy = [
        "duckdb",
        "polars",
        "pyarrow",
        "jinja2",
        "plotly",
        "dns",
        "checkdmarc",
        "great_expectations",
        "rich.console",
    ]
    done = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_columns_of_one_name_are_all_shown(place: Path) -> None:
    assert run("sql", "select 1 as a, 2 as a", "--format", "csv", cwd=place).stdout == "a,a_2\n1,2\n"


def test_parquet_goes_to_a_pipe(place: Path) -> None:
    query = [*MAILGAUGE, "sql", "select 1 as a", "--format", "parquet"]
    done = subprocess.run(query, cwd=place, capture_output=True, check=True)
    assert done.stdout[:4] == done.stdout[-4:] == b"PAR1"


def test_arrow_goes_to_a_pipe(place: Path) -> None:
    query = [*MAILGAUGE, "sql", "select 1 as a", "--format", "arrow"]
    done = subprocess.run(query, cwd=place, capture_output=True, check=True)
    assert pl.read_ipc(done.stdout).to_dicts() == [{"a": 1}]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_text_that_a_spreadsheet_would_run_is_defused_and_a_number_is_not(start: str) -> None:
    rows = list(csv.reader(io.StringIO(show_rows([{f"{start}a": f"{start}cmd()", "n": -1}], "csv"), newline="")))
    assert rows == [[f"'{start}a", "n"], [f"'{start}cmd()", "-1"]]


@pytest.mark.parametrize("output", ["table", "csv", "json", "parquet", "arrow"])
def test_a_reader_that_has_enough_ends_it_quietly(output: str, place: Path) -> None:
    query = [*MAILGAUGE, "sql", "select repeat('x', 50) from range(100000)", "--format", output]
    with subprocess.Popen(query, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        said = program.stderr.read()
    assert (program.returncode, said) == (1, b"")


def test_a_full_disk_and_a_forbidden_folder_are_told(place: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*MAILGAUGE, "status"], cwd=place, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "mailgauge: The output: No space left on device.\n")
    done = run("demo", "--out", "/proc/demo", cwd=place)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("mailgauge: /proc/demo")


def test_interrupted_it_ends_without_a_word(tmp_path: Path) -> None:
    """A terminal sends the signal to every process of the command."""
    running = subprocess.Popen(
        [*MAILGAUGE, "simulate", "out", "--messages", "2000000"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with running:
        while not any(tmp_path.glob("out/_unwritten-*/*")):
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate()
    assert (running.returncode, said) == (130, "")


def test_a_query_without_an_end_can_be_ended(place: Path) -> None:
    query = [*MAILGAUGE, "sql", "select count(*) from range(200000000000) where hash(range) % 7 = 0"]
    with subprocess.Popen(query, cwd=place, stderr=subprocess.PIPE) as running:
        time.sleep(2)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=10)
    assert (running.returncode, said) == (-signal.SIGINT, b"")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["advise", "--domain", "shop.example", "--no-dns"], "leave one of them out"),
        (["advise", "--domain", "shop.example", "--resolver", "a:b"], "The resolver 'a:b' is not HOST, HOST:PORT"),
        (
            ["advise", "--format", "csv"],
            "--format csv is not known here: choose text or json or zone or route53 or terraform or ses.",
        ),
        (["report", "--day", "soon"], "'soon' is not a day"),
    ],
)
def test_advice_and_reports_say_what_is_wrong_with_the_question(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_domain_is_checked_without_a_warehouse(tmp_path: Path) -> None:
    with serving() as zone:
        zone.text("shop.example", "v=spf1 +all")
        arguments = ("advise", "--domain", "shop.example", "--domain", "SHOP.example.", "--resolver", zone.address)
        done = run(*arguments, "--format", "json", cwd=tmp_path)
        text = run(*arguments, cwd=tmp_path).stdout
        zones = run(*arguments, "--format", "zone", cwd=tmp_path).stdout
        nobody = run("advise", "--domain", "x..y", "--resolver", zone.address, cwd=tmp_path)
    assert done.returncode == 5, done.stderr
    assert nobody.returncode == 1
    assert zones.splitlines() == [
        '_dmarc.shop.example. 300 IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@shop.example"',
        'shop.example. 300 IN TXT "v=spf1 include:amazonses.com ~all"',
    ]
    found = json.loads(done.stdout)
    assert {one["check"] for one in found} == {
        "spf_pass_all",
        "spf_amazonses",
        "dmarc_missing",
        "bimi_missing",
        "mx_missing",
    }
    assert {one["resource"] for one in found} == {"identity:shop.example"}
    assert found[0]["impact"] == "HIGH"
    assert "no DKIM selectors are set" in done.stderr
    assert "shop.example: v=spf1 +all" in text
    assert f"Advice: {len(found)} open findings" in text
    assert list(tmp_path.iterdir()) == []
