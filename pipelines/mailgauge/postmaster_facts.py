"""What the checks judge of what mailbox providers tell the sender themselves; plain facts without a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class GoogleWord:
    """What Google's Postmaster Tools say of a domain in the seven days up to a day."""

    domain: str
    spam_rates: tuple[tuple[date, float], ...] = ()
    """Newest first; a day that Google tells nothing of is missing."""
    recipients: int = 0
    """To Gmail in these days, of the identities of the domain."""
    needs_work: tuple[tuple[str, str | None], ...] = ()
    """Requirements that Google sees broken, each with its reason, as of the newest import."""

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"identity:{self.domain}"


@dataclass(frozen=True, slots=True)
class SndsWord:
    """What Microsoft's SNDS says of an IP address in the seven days up to a day."""

    address: str
    newest: date
    filter_result: str | None = None
    """On the newest day."""
    complaint_rate: str | None = None
    trap_hits: int = 0
    """In all of the days."""
    recipients: int = 0

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"ip:{self.address}"


@dataclass(frozen=True, slots=True)
class DmarcReports:
    """What DMARC aggregate reports say of a From domain in the seven days up to a day."""

    domain: str
    messages: int = 0
    passed: int = 0
    failed_from_ses: int = 0
    failed_elsewhere: int = 0
    turned_away: int = 0

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"identity:{self.domain}"


PostmasterFacts = GoogleWord | SndsWord | DmarcReports
