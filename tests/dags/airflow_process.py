"""What the tests of the DAGs do with Airflow, in a process of its own.

Airflow keeps signal handlers, log handlers, warning hooks, threads and variables for itself; here they end with it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

DAGS = Path(__file__).parent.parent.parent / "dags"


@dataclass(frozen=True)
class Parsed:
    """How Airflow reads the folder of DAGs."""

    errors: dict[str, str]
    warnings: dict[str, Any]
    edges: dict[str, set[tuple[str, str]]]
    """By DAG, which task comes before which."""
    schedules: dict[str, str]
    limits: dict[str, tuple[bool, int]]
    """By DAG, whether it catches up, and how many runs it may have at once."""


@dataclass(frozen=True)
class Ran:
    """What became of a run."""

    state: str
    tasks: dict[str, str]
    results: dict[str, Any]
    tries: dict[str, int]
    published: list[str]
    """The partitions of the asset that the run named."""
    triggered: list[tuple[str, str]]
    """Which DAG is asked for which partition, by all runs so far."""


def start(home: str) -> None:
    """Give Airflow a home and a database before it is imported."""
    os.environ |= {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
    }
    from airflow.utils.db import initdb

    initdb()


def parse() -> Parsed:
    """Read the folder of DAGs."""
    bag = _bag()
    return Parsed(
        errors=dict(bag.import_errors),
        warnings={path: [str(one) for one in found] for path, found in bag.captured_warnings.items() if found},
        edges={
            name: {(task.task_id, after) for task in dag.tasks for after in task.downstream_task_ids}
            for name, dag in bag.dags.items()
        },
        schedules={name: str(dag.timetable) for name, dag in bag.dags.items()},
        limits={name: (dag.catchup, dag.max_active_runs) for name, dag in bag.dags.items()},
    )


def run(name: str, variables: dict[str, str], conf: dict[str, Any] | None = None) -> Ran:
    """Run a DAG from its first task to its last, without a scheduler."""
    from airflow.models.asset import AssetEvent, AssetPartitionDagRun
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with patch.dict(os.environ, variables):
        done = _bag().dags[name].test(run_conf=conf)
    with create_session() as session:
        tasks = done.get_task_instances(session=session)
        values = session.scalars(select(XComModel).where(XComModel.run_id == done.run_id, XComModel.dag_id == name))
        results = {one.task_id: XComModel.deserialize_value(one) for one in values if one.key == "return_value"}
        events = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == done.run_id))
        published = [str(one.partition_key) for one in events]
        asked = session.scalars(select(AssetPartitionDagRun).order_by(AssetPartitionDagRun.id))
        triggered = [(one.target_dag_id, one.partition_key) for one in asked]
    return Ran(
        state=str(done.state),
        tasks={one.task_id: str(one.state) for one in tasks},
        results=results,
        tries={one.task_id: one.try_number for one in tasks},
        published=published,
        triggered=triggered,
    )


def _bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(DAGS))
