"""What the checks judge of SES's other systems: regions and sending limits; plain facts without a clock."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class _OfRow:
    """Facts that have the names of the columns that they are read from."""

    __slots__ = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The facts in a row of sql/systems."""
        return cls(**{field.name: row[field.name] for field in fields(cls)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class RegionSilence(_OfRow):
    """When a region of an account last sent mail (sql/systems/regions.sql)."""

    account_id: str | None
    region: str | None
    share_before: float | None
    last_day: date
    newest_day: date
    is_silent: bool

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"region:{self.account_id or ''}/{self.region or ''}"


@dataclass(frozen=True, slots=True)
class LimitUse(_OfRow):
    """How much of its quotas an account used in a region (sql/systems/limits.sql)."""

    account_id: str | None
    region: str | None
    peak_24_hours: int
    quota_day: int | None
    used_day: float | None
    peak_second: int | None
    quota_second: float | None
    used_second: float | None
    days_until: int | None

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"region:{self.account_id or ''}/{self.region or ''}"
