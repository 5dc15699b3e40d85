"""An object on its way in, and what becomes of its records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailgauge.records import show_record

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.sources import SourceObject


@dataclass(slots=True)
class Arrival:
    """An object on its way in."""

    source: SourceObject
    object_id: int
    error: str | None = None
    """Why it cannot be read to its end."""
    is_unsure: bool = False
    """Whether only its records, one by one, tell what is in it."""
    records: int = 0
    """Those that say something: an envelope or a list around several counts for as many, housekeeping for none."""
    loaded: int = 0
    duplicates: int = 0
    ignored: int = 0
    """Records in which SNS, SES or Pinpoint speak of other things than mail."""
    quarantine: list[dict[str, Any]] = field(default_factory=list)

    def hold(self, position: int, record: bytes, reason: str) -> None:
        """Put a record in quarantine."""
        row = {"object_uri": self.source.uri, "position": position, "reason": reason, "record": show_record(record)}
        self.quarantine.append(row)

    def take_back(self) -> None:
        """Forget what was counted of it."""
        self.records = self.duplicates = self.ignored = 0
        self.quarantine.clear()

    def as_row(self, now: datetime) -> dict[str, Any]:
        """Its row of the ledger."""
        return {
            "object_id": self.object_id,
            "object_uri": self.source.uri,
            "etag": self.source.etag,
            "size_bytes": self.source.size_bytes,
            "status": "failed" if self.error else "loaded",
            "records": self.records,
            "loaded": self.loaded,
            "duplicates": self.duplicates,
            "quarantined": len(self.quarantine),
            "ignored": self.ignored,
            "error": self.error,
            "loaded_at": now,
        }
