"""Airflow for the tests of the DAGs, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from dags import airflow_process


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessPoolExecutor]:
    """The process in which Airflow runs; it ends with the last test."""
    home = str(tmp_path_factory.mktemp("airflow"))
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=airflow_process.start, initargs=(home,)
    ) as pool:
        yield pool


@pytest.fixture
def run_dag(airflow: ProcessPoolExecutor, folder: Path, dumps: Path) -> Callable[..., airflow_process.Ran]:
    """Run a DAG on the warehouse and the dumps of this test."""

    def run(name: str, conf: dict[str, Any] | None = None, **variables: str) -> airflow_process.Ran:
        settings = {"MAILGAUGE_WAREHOUSE": str(folder), "MAILGAUGE_SOURCES": json.dumps([str(dumps)])}
        return airflow.submit(airflow_process.run, name, settings | variables, conf).result()

    return run


@pytest.fixture(scope="session")
def parsed(airflow: ProcessPoolExecutor) -> airflow_process.Parsed:
    """How Airflow reads the folder of DAGs."""
    return airflow.submit(airflow_process.parse).result()
