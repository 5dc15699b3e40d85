"""What many tests need: a warehouse that is quick to make, and the steps that fill it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import filling
from mailgauge import warehouse
from mailgauge.engine import attached
from mailgauge.ingest import Ingested
from mailgauge.warehouse import Warehouse

settings.register_profile("mailgauge", deadline=None)  # no test is timed: the machine may be busy
settings.load_profile("mailgauge")


@pytest.fixture(scope="session", autouse=True)
def _engine() -> Iterator[dict[str, int]]:
    """How many threads DuckDB has in this process: it does small things in half the processor time with one.

    Programs that a test starts have as many as there are processors.
    """
    engine = {"threads": 1}

    @contextmanager
    def attached_with_threads(*arguments: Any) -> Iterator[Any]:
        with attached(*arguments) as connection:
            connection.execute(f"set threads = {engine['threads']}")
            yield connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "attached", attached_with_threads)
        yield engine


@pytest.fixture(autouse=True)
def _threads(request: pytest.FixtureRequest, _engine: dict[str, int]) -> None:
    """Two threads where a test asks for them."""
    _engine["threads"] = 2 if request.node.get_closest_marker("threads") else 1


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
        return filling.load(folder, *(sources or [dumps]))

    return run


@pytest.fixture
def build(load: Callable[..., Ingested], folder: Path) -> Callable[..., Ingested]:
    """Ingest the dumps and build the marts."""

    def run(*sources: str) -> Ingested:
        done = load(*sources)
        filling.build(folder)
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
