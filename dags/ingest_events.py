"""Every hour: load what arrived, bring the marts up to date, and name the day that is ready to be reported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import Asset, chain, dag, task
from airflow.sdk.exceptions import AirflowSkipException

EVENTS = Asset(name="mailgauge_events", uri="mailgauge://events")


@dag(schedule="10 * * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1, tags=["mailgauge"])
def ingest_events() -> None:
    """Ingest, build, publish."""

    @task(retries=2)
    def step(name: str, result: str) -> int:
        from mailgauge import settings, steps

        return int(getattr(getattr(steps, name)(settings.load_settings()), result))

    @task(outlets=[EVENTS])
    def publish(*, outlet_events: Any = None) -> list[str]:
        from mailgauge import settings, steps

        days = [day.isoformat() for day in steps.list_due_days(settings.load_settings())]
        if not days:  # an event without a day would go to nobody, with a warning in Airflow's log every hour
            raise AirflowSkipException("No day is due.")
        outlet_events[EVENTS].add_partitions(days)  # one run of nightly_deliverability for each
        return days

    parts = {"ingest": "loaded", "build": "outcomes"}
    chain(*(step.override(task_id=name)(name, result) for name, result in parts.items()), publish())


ingest_events()
