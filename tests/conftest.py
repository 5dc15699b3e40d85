"""What many tests need: a warehouse that is quick to make, and the steps that fill it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from mailgauge.ingest import Ingested, ingest
from mailgauge.marts import build_marts
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW

settings.register_profile("mailgauge", deadline=None)  # no test is timed: the machine may be busy
settings.load_profile("mailgauge")


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty warehouse to copy: making one takes a second, copying it a hundredth."""
    folder = tmp_path_factory.mktemp("template") / "warehouse"
    with Warehouse(folder):
        pass
    return folder


@pytest.fixture
def folder(tmp_path: Path, empty_warehouse: Path) -> Path:
    """The warehouse of a test, empty."""
    shutil.copytree(empty_warehouse, tmp_path / "warehouse")
    return tmp_path / "warehouse"


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """Where the dumps of a test are."""
    (tmp_path / "dumps").mkdir()
    return tmp_path / "dumps"


@pytest.fixture
def load(folder: Path, dumps: Path) -> Callable[..., Ingested]:
    """Ingest the dumps, or the sources named."""

    def run(*sources: str) -> Ingested:
        with Warehouse(folder) as lake:
            return ingest(lake, list_objects(list(sources) or [str(dumps)]), now=NOW)

    return run


@pytest.fixture
def build(load: Callable[..., Ingested], folder: Path) -> Callable[..., Ingested]:
    """Ingest the dumps and build the marts."""

    def run(*sources: str) -> Ingested:
        done = load(*sources)
        with Warehouse(folder) as lake:
            build_marts(lake, now=NOW)
        return done

    return run


def pytest_addoption(parser: pytest.Parser) -> None:
    """CI wants every test to run: with --strict-skips a skipped one fails the run."""
    parser.addoption("--strict-skips", action="store_true", help="fail when any test was skipped")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that skipped something, where that was asked for."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and reporter and reporter.stats.get("skipped") and session.config.getoption("--strict-skips"):
        session.exitstatus = 1
