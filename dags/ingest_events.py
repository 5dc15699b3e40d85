"""Every hour: load what arrived, bring the marts up to date, and name the day that is ready to be reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import Asset, dag, task

EVENTS = Asset(name="mailgauge_events", uri="mailgauge://events")


@dag(schedule="10 * * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1, tags=["mailgauge"])
def ingest_events() -> None:
    """Ingest, build, publish."""

    @task(retries=2)
    def step(name: str, result: str, _after: Any = None) -> int:
        from mailgauge import settings, steps

        done = getattr(steps, name)(settings.load_settings())
        return int(getattr(done, result))

    @task(outlets=[EVENTS])
    def publish(_after: Any, *, outlet_events: Any = None) -> list[str]:
        from mailgauge import settings, steps

        days = [day.isoformat() for day in steps.list_due_days(settings.load_settings())]
        outlet_events[EVENTS].add_partitions(days)  # one run of nightly_deliverability for each
        return days

    loaded = step.override(task_id="ingest")("ingest", "loaded")
    publish(step.override(task_id="build")("build", "outcomes", loaded))


ingest_events()
