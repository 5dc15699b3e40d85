"""The tree keeps its own rules: each dependency at its edge, one name a thing, documentation equal to the code."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main

from mailgauge import checks, cli, metrics, paths, shapes
from mailgauge.marts import DIMENSIONS
from mailgauge.settings import Settings
from mailgauge.systems import list_systems
from mailgauge.warehouse import LAYERS, Warehouse, layer_files

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pipelines" / "mailgauge"
README = (ROOT / "README.md").read_text(encoding="utf-8")

EDGES = {
    "duckdb": {"engine", "warehouse"},
    "sqlite3": {"catalog", "scratch"},
    "great_expectations": {"gate"},
    "pyarrow": {"warehouse", "columnar", "buckets"},
    "isal": {"containers"},
    "backports": {"containers"},
    "cramjam": {"containers"},
    "dns": {"authentication", "dns", "domain_lookups", "exchangers", "kept_answers"},
    "checkdmarc": {"authentication", "mark_certificates"},
    "cryptography": {"dkim_keys", "mark_certificates"},
    "ssl": {"fetching", "mailer", "trust"},
    "parsedmarc": {"dmarc_reports"},
    "smtplib": {"mailer"},
    "airflow": set(),
    "boto3": set(),
    "numpy": {"duplicates", "pieces", "warehouse"},
}


SECRETS = {"smtp_password", "pseudonym_key"}
"""They come from the environment alone."""


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_a_dependency_is_imported_at_its_edge_alone() -> None:
    for path in PACKAGE.rglob("*.py"):
        for name, edges in EDGES.items():
            if path.stem not in edges:
                assert name not in imports(path), f"{path} imports {name}"


def test_dag_files_are_wiring_only() -> None:
    for path in (ROOT / "dags").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 40
        assert not re.search(r"\bselect\b", text, re.IGNORECASE)


def test_every_sql_file_opens_with_what_a_row_is() -> None:
    for path in (ROOT / "sql").rglob("*.sql"):
        assert path.read_text(encoding="utf-8").startswith("-- "), path
    for layer in LAYERS:
        assert [path.stem for path in layer_files(layer)], f"sql/{layer} is empty"


def test_every_metric_has_the_same_columns(folder: Path) -> None:
    with Warehouse(folder, read_only=True) as lake:
        for name in metrics.list_metrics():
            if name == metrics.LATENCY:  # not divided, and no view
                continue
            is_count = metrics.read_shape(name)["denominator"] == "null::bigint"
            assert name.endswith(("_rate", "_share")) != is_count
            columns = [row["column_name"] for row in lake.rows(f"describe metrics.{name}")]
            assert columns == ["day", *DIMENSIONS, "numerator", "denominator"]


def test_the_shape_in_python_is_the_shape_in_sql() -> None:
    text = (ROOT / "sql" / "raw" / "dump.sql").read_text(encoding="utf-8")
    for key, shape in shapes.EVENT.items():
        block = re.search(rf"\"{key}\": '(.*?)'", text, re.DOTALL)
        assert block, key
        names = re.findall(r'"(\w+)"', block.group(1))
        assert sorted(names) == sorted(_names(shape)), key


def _names(shape: object) -> list[str]:
    if isinstance(shape, list):
        return _names(shape[0])
    if isinstance(shape, dict):
        return [name for key, part in shape.items() for name in (key, *_names(part))]
    return []


def table(heading: str) -> set[str]:
    """The names in the first column of the table under a heading of the README."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([\w ]+)`", section, re.MULTILINE))


def test_the_readme_lists_every_metric() -> None:
    assert table("Metrics") == set(metrics.list_metrics())


def test_the_readme_lists_every_command() -> None:
    commands = typer.main.get_command(cli.app)
    assert table("Commands") == set(commands.commands)  # type: ignore[attr-defined]


def test_the_readme_lists_every_check() -> None:
    assert table("Checks") == {check.NAME for check in checks.list_checks()}


def test_the_readme_lists_every_sign_of_a_machine_with_its_weight(folder: Path) -> None:
    section = README.split("\n## Machine traffic\n", 1)[1].split("\n## ", 1)[0]
    shown = re.findall(r"^\| `(\w+)` \| (\S+) \| ([\w ]+) \| (.*) \|$", section, re.MULTILINE)
    with Warehouse(folder, read_only=True) as lake:
        rows = lake.rows("select evidence, weight, applies_to, meaning from staging.machine_evidence")
    assert shown == [(row["evidence"], f"{row['weight']:.1f}", row["applies_to"], row["meaning"]) for row in rows]


def test_the_readme_lists_every_cohort_of_recipients() -> None:
    view = (paths.SQL / "marts" / "recipients.sql").read_text(encoding="utf-8")
    cohorts = set(
        re.findall(r"(?:then|else) '(\w+)'", view.split("tracked_deliveries = 0", 1)[1].split("as cohort", 1)[0])
    )
    assert table("Recipients") == cohorts


def test_the_readme_lists_every_system() -> None:
    assert table("SES's other systems") == set(list_systems())


def test_the_readme_lists_every_notebook() -> None:
    assert table("In a notebook") == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_the_readme_lists_every_dag() -> None:
    assert table("Under Airflow") == {path.stem for path in (ROOT / "dags").glob("*.py")}


def test_the_settings_of_the_readme_are_all_there_are_and_their_defaults() -> None:
    block = re.search(r"```toml\n(.*?)```", README.split("\n## Settings\n", 1)[1], re.DOTALL)
    assert block
    shown, defaults = tomllib.loads(block.group(1)), Settings().model_dump(mode="json")
    assert Settings(**shown)
    assert shown.keys() == defaults.keys() - SECRETS
    examples = set(re.findall(r"^(\w+) = .*# example:", block.group(1), re.MULTILINE))
    for section, wanted in defaults.items():
        for name, value in wanted.items() if isinstance(wanted, dict) else ():
            assert name in examples or shown[section][name] == value, f"{section}.{name}"
        assert not isinstance(wanted, dict) or shown[section].keys() == wanted.keys(), section
        assert isinstance(wanted, dict) or section in examples | SECRETS or shown[section] == wanted, section


@pytest.mark.parametrize("name", sorted(typer.main.get_command(cli.app).commands))  # type: ignore[attr-defined]
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    command = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    assert f"Example: mailgauge {name}" in command.help


def test_lock_files_name_no_index_and_cover_the_extras() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(extras) >= {"airflow", "quality", "notebook", "dev"}
    for path in ROOT.glob("requirements*.lock"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--hash=sha256:" in text
    full = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    for packages in extras.values():
        for package in packages:
            name = re.split(r"[<>=\[]", package)[0]
            assert re.search(rf"^{re.escape(name)}==", full, re.MULTILINE), package


def test_a_definition_is_known_again_in_another_process() -> None:
    program = "from mailgauge.warehouse import LAYERS, fingerprint; print(fingerprint(LAYERS))"
    seeds = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2", "3")]
    told = {
        subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, check=True).stdout
        for env in seeds
    }
    assert len(told) == 1
