"""The quality gate: DuckDB counts a profile, Great Expectations judges it, a person reads sentences."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mailgauge import paths
from mailgauge.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from mailgauge.settings import GateSettings, Settings
    from mailgauge.warehouse import Warehouse

NOT_CHECKED = "The quality gate has not judged this day: run `mailgauge validate` (it needs mailgauge[quality])."

CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A figure of the profile, the range it must lie in, and what to say when it does not."""

    column: str
    severity: str
    sentence: str
    """With {observed}."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met."""

    column: str
    severity: str
    observed: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate said."""

    failures: list[Failure]

    @property
    def critical(self) -> list[Failure]:
        """Why nothing may be reported or sent."""
        return [failure for failure in self.failures if failure.severity == CRITICAL]

    @property
    def warnings(self) -> list[Failure]:
        """What the report says in its banner."""
        return [failure for failure in self.failures if failure.severity == WARNING]

    @property
    def passed(self) -> bool:
        """Whether report and alert may go on."""
        return not self.critical


def is_available() -> bool:
    """Whether Great Expectations is installed."""
    return find_spec("great_expectations") is not None


def list_expectations(settings: GateSettings) -> list[Expectation]:
    """All expectations, the critical ones first."""
    zero = {
        "unbalanced_objects": "{observed:,} objects whose records are not loaded + duplicates + quarantined.",
        "unaccounted_quarantine": "{observed:,} quarantined records that the ledger does not account for.",
        "repeated_events": "{observed:,} events stand in raw.events twice, so counts of events are too high.",
        "unknown_types": "{observed:,} events are of a type that SES does not have.",
        "unusable_events": "{observed:,} events have no message id or a time before 2011.",
        "unattributed_outcomes": "{observed:,} outcomes have no mailbox provider or no day.",
        "layer_differences": "Raw outcomes, marts.daily, marts.hourly and marts.daily_by_event_day differ by "
        "{observed:,} recipients: run `mailgauge build --full`.",
        "impossible_rows": "{observed:,} rows of marts.daily hold counts that cannot be: run `mailgauge build --full`.",
        "unbuilt_objects": "{observed:,} objects were loaded after the last build: run `mailgauge build`.",
    }
    return [
        *(Expectation(column, CRITICAL, sentence, high=0) for column, sentence in zero.items()),
        *_list_warnings(settings),
    ]


def _list_warnings(settings: GateSettings) -> list[Expectation]:
    return [
        Expectation(
            "failed_objects",
            WARNING,
            "{observed:,} objects could not be read and are missing from every figure: see `mailgauge status`.",
            high=0,
        ),
        Expectation("future_events", WARNING, "{observed:,} events lie more than a day in the future.", high=0),
        Expectation(
            "days_over_one",
            WARNING,
            "On {observed:,} days there is more feedback than mail to have caused it: sends or deliveries are missing.",
            high=0,
        ),
        Expectation(
            "quarantined_share",
            WARNING,
            "{observed:.1%} of all records are quarantined: see `mailgauge status` for the reasons.",
            high=settings.max_quarantined_share,
        ),
        Expectation(
            "duplicate_share",
            WARNING,
            "{observed:.1%} of all records are duplicates: is a stream delivered twice?",
            high=settings.max_duplicate_share,
        ),
        Expectation(
            "sends_unseen_share",
            WARNING,
            "{observed:.1%} of recipients have feedback but no Send event: does every configuration set publish Send?",
            high=settings.max_sends_unseen_share,
        ),
        Expectation(
            "volume_share",
            WARNING,
            "The day's sends are {observed:.0%} of what is usual: are dumps missing?",
            low=settings.min_volume_share,
        ),
        Expectation(
            "age_hours",
            WARNING,
            "The newest event is {observed:,.0f} hours older than the end of the day: are dumps missing?",
            high=settings.max_age_hours,
        ),
    ]


def read_banner(lake: Warehouse, day: date) -> list[str]:
    """What the newest verdict on `day` warns of, for the top of its report."""
    found = lake.rows(
        'select failures from advisor.validations where "day" = ? order by validated_at desc limit 1', [day]
    )
    if not found:
        return [NOT_CHECKED]
    failures = [Failure(**failure) for failure in json.loads(found[0]["failures"])]
    return [failure.sentence for failure in failures]


def read_profile(lake: Warehouse, *, day: date, now: datetime) -> dict[str, Any]:
    """The figures that are judged."""
    sql = (paths.SQL / "gate" / "profile.sql").read_text(encoding="utf-8")
    day_end = datetime.combine(day, time()) + timedelta(days=1)
    for name, value in {"gate_day": day, "gate_day_end": day_end, "gate_now": now}.items():
        lake.execute(f"set variable {name} = ?", [value])
    return lake.rows(sql)[0]


def validate(lake: Warehouse, settings: Settings, *, day: date, now: datetime) -> Verdict:
    """Judge the warehouse as it stands for a report on `day`, and keep the verdict in advisor.validations."""
    if not is_available():
        raise UsageError("The quality gate needs Great Expectations: install mailgauge[quality].")
    verdict = judge(read_profile(lake, day=day, now=now), list_expectations(settings.gate))
    failures = json.dumps([asdict(failure) for failure in verdict.failures])
    row = {"validated_at": now, "day": day, "is_passed": verdict.passed, "failures": failures}
    lake.insert("advisor.validations", [row])
    return verdict


def judge(profile: dict[str, Any], expectations: list[Expectation]) -> Verdict:
    """Hold a profile against expectations, in Great Expectations."""
    import great_expectations as gx  # noqa: PLC0415 (three seconds that only this needs)
    import pandas as pd  # noqa: PLC0415 (comes with it)
    from great_expectations.expectations.core.expect_column_values_to_be_between import (  # noqa: PLC0415
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("profile").add_dataframe_asset("profile")
    frame = pd.DataFrame([{key: float(value) for key, value in profile.items()}])
    batch = asset.add_batch_definition_whole_dataframe("night").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(
        name="nightly_gate",
        expectations=[
            ExpectColumnValuesToBeBetween(
                column=wanted.column,
                min_value=wanted.low,
                max_value=wanted.high,
                severity=FailureSeverity(wanted.severity),
                meta={"sentence": wanted.sentence},
            )
            for wanted in expectations
        ],
    )
    result = batch.validate(suite, result_format="BASIC")
    return Verdict([_as_failure(one.expectation_config, profile) for one in result.results if not one.success])


def _as_failure(expectation: Any, profile: dict[str, Any]) -> Failure:  # noqa: ANN401 (Great Expectations has no types)
    column = expectation.kwargs["column"]
    observed = profile[column]
    sentence = expectation.meta["sentence"].format(observed=observed)
    return Failure(column, str(getattr(expectation.severity, "value", expectation.severity)), float(observed), sentence)
