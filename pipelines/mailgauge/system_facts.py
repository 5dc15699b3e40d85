"""What the checks judge of SES's other systems: regions, sending limits, dedicated IPs; facts without a clock."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class IpDay:
    """What an IP sent to a mailbox provider on a day (sql/systems/ip_days.sql)."""

    isp: str
    day: date
    recipients: int
    best_before: int | None
    """The most on a day before, within the 45."""


@dataclass(frozen=True, slots=True)
class SendingIp:
    """A dedicated IP and its days of the 45 up to `until`."""

    address: str
    until: date
    first_day: date
    is_new: bool
    """The warehouse knows of earlier mail, and none of it from this address."""
    days: tuple[IpDay, ...]

    @classmethod
    def of(cls, address: str, until: date, rows: Sequence[Mapping[str, Any]]) -> Self:
        """The facts in the rows of an address."""
        days = tuple(IpDay(**{field.name: row[field.name] for field in fields(IpDay)}) for row in rows)
        return cls(address, until, rows[0]["first_day_of_ip"], rows[0]["is_new_ip"], days)

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"ip:{self.address}"
