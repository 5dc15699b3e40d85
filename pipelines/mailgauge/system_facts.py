"""What the checks judge of SES's other systems: regions and sending limits; plain facts without a clock."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """Facts about a region of an account, named as the columns that they are read from."""

    account_id: str | None
    region: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The facts in a row of sql/systems."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"region:{'/'.join(filter(None, (self.account_id, self.region)))}"


@dataclass(frozen=True, slots=True)
class RegionSilence(RegionFacts):
    """When a region of an account last sent mail (sql/systems/regions.sql)."""

    share_before: float | None
    last_day: date
    newest_day: date
    is_silent: bool


@dataclass(frozen=True, slots=True)
class LimitUse(RegionFacts):
    """How much of its quotas an account used in a region (sql/systems/limits.sql)."""

    peak_24_hours: int
    quota_day: int | None
    used_day: float | None
    peak_second: int | None
    quota_second: float | None
    used_second: float | None
    days_until: int | None
