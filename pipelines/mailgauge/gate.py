"""The quality gate: DuckDB counts a profile, Great Expectations judges it, a person reads sentences."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mailgauge.errors import GateFailedError, UsageError
from mailgauge.profiles import list_expectations, read_profile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from mailgauge.profiles import Expectation
    from mailgauge.settings import Settings
    from mailgauge.warehouse import Warehouse

NOT_CHECKED = "The quality gate has not judged this day: run `mailgauge validate` (it needs mailgauge[quality])."


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met."""

    column: str
    """The figure of the profile, which names the expectation."""
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
        return [failure for failure in self.failures if failure.severity == "critical"]

    @property
    def warnings(self) -> list[Failure]:
        """What the report says in its banner."""
        return [failure for failure in self.failures if failure.severity == "warning"]

    @property
    def passed(self) -> bool:
        """Whether report and alert may go on."""
        return not self.critical

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"passed": self.passed, "failures": [asdict(failure) for failure in self.failures]}


def is_available() -> bool:
    """Whether Great Expectations is installed."""
    return find_spec("great_expectations") is not None


def read_verdict(lake: Warehouse, day: date) -> Verdict | None:
    """The newest verdict on `day`; None where there is none."""
    found = lake.value(
        'select failures from advisor.validations where "day" = ? order by validated_at desc limit 1', [day]
    )
    return None if found is None else Verdict([Failure(**failure) for failure in json.loads(found)])


def read_banner(lake: Warehouse, day: date) -> list[str]:
    """What the newest verdict on `day` warns of, for the top of its report."""
    verdict = read_verdict(lake, day)
    return [NOT_CHECKED] if verdict is None else [failure.sentence for failure in verdict.failures]


def require_passed(verdict: Verdict | None) -> None:
    """Raise GateFailedError where something critical was found; a day that was not judged may go on."""
    if verdict and not verdict.passed:
        reasons = " ".join(failure.sentence for failure in verdict.critical)
        raise GateFailedError(f"The quality gate failed, so nothing is reported or alerted: {reasons}")


def validate(lake: Warehouse, settings: Settings, *, day: date, now: datetime) -> Verdict:
    """Judge the warehouse as it stands for a report on `day`, and keep the verdict in advisor.validations."""
    if not is_available():
        raise UsageError("The quality gate needs Great Expectations: install mailgauge[quality].")
    verdict = judge(read_profile(lake, day=day, now=now), list_expectations(settings.gate))
    failures = json.dumps(verdict.as_dict()["failures"])
    row = {"validated_at": now, "day": day, "is_passed": verdict.passed, "failures": failures}
    row["seen_row"] = lake.value("select max(rowid) from raw.events")
    lake.insert("advisor.validations", [row])
    return verdict


def judge(profile: dict[str, Any], expectations: Sequence[Expectation]) -> Verdict:
    """Hold a profile against expectations, in Great Expectations; a figure that is None is not judged."""
    import great_expectations as gx  # noqa: PLC0415 (three seconds that only this needs)
    import pandas as pd  # noqa: PLC0415 (comes with it)
    from great_expectations.expectations.core.expect_column_values_to_be_between import (  # noqa: PLC0415
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("profile").add_dataframe_asset("profile")
    frame = pd.DataFrame([profile], dtype="float64")
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
