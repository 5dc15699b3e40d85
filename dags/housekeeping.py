"""Once a week: let old events expire, where the settings say how long to keep them, and put the files in order."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import chain, dag, task


@dag(schedule="30 4 * * 0", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1, tags=["mailgauge"])
def housekeeping() -> None:
    """Expire, compact."""

    @task(retries=2)
    def step(name: str) -> str:
        from airflow.sdk.exceptions import AirflowSkipException

        from mailgauge import settings, steps, words

        known = settings.load_settings()
        if name == "expire" and not known.housekeeping.keep_days:
            raise AirflowSkipException("housekeeping.keep_days is not set: everything is kept.")
        return words.describe(getattr(steps, name)(known))

    chain(
        step.override(task_id="expire")("expire"),
        step.override(task_id="compact", trigger_rule="none_failed")("compact"),
    )


housekeeping()
