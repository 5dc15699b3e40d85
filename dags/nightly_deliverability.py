"""Once a day, for the day that ingest_events names: judge it, advise, report, alert; a critical gate ends the run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from airflow.sdk import Asset, PartitionedAssetTimetable, chain, dag, task
from airflow.sdk.exceptions import AirflowFailException

EVENTS = PartitionedAssetTimetable(assets=Asset(name="mailgauge_events", uri="mailgauge://events"))


def tell(context: Any) -> None:
    """Mail which step failed and why to those who get alerts."""
    from mailgauge import settings, steps

    run, step = context["dag_run"], context["task_instance"]
    what = f"{step.task_id} in {run.dag_id} {run.partition_key or run.run_id}"
    steps.tell_failure(settings.load_settings(), what, str(context["exception"]))


@dag(schedule=EVENTS, start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1, tags=["mailgauge"])
def nightly_deliverability() -> None:
    """Validate, advise, report, alert; a run by hand takes {"day": "YYYY-MM-DD"}, or yesterday."""

    @task(retries=2, on_failure_callback=tell)
    def step(name: str, *, dag_run: Any = None) -> str:
        from mailgauge import errors, settings, steps, words

        day = date.fromisoformat(dag_run.partition_key or dag_run.conf.get("day") or steps.yesterday().isoformat())
        try:
            return words.describe(getattr(steps, name)(settings.load_settings(), day))
        except (errors.UsageError, errors.GateFailedError) as error:
            raise AirflowFailException(str(error)) from error  # trying again would not help

    chain(*(step.override(task_id=name)(name) for name in ("validate", "advise", "report", "alert")))


nightly_deliverability()
