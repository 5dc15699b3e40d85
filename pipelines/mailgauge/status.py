"""How far the numbers can be trusted: what arrived, what did not load, how fresh it is, whether the sums agree."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mailgauge.housekeeping import count_files

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a warehouse in figures."""

    objects_loaded: int
    objects_failed: int
    records: int
    loaded: int
    duplicates: int
    quarantined: int
    ignored: int
    """Records beside these in which SNS, SES or Pinpoint speak of other things than mail."""
    event_rows: int
    """Rows of raw.events: one per event and recipient."""
    sends: int
    """Recipients whose Send was seen, in marts.daily."""
    sends_unseen: int
    """Recipients with feedback whose Send was never seen."""
    sends_unseen_share: float | None
    """Of both together; None where there is neither."""
    newest_event_at: datetime | None
    last_ingest_at: datetime | None
    last_build_at: datetime | None
    unbuilt_objects: int
    """Objects loaded since the marts were built."""
    files: int
    """Parquet files that the newest snapshot is made of."""
    snapshot: int
    """DuckLake's number of this state; a report names it."""
    failed: list[dict[str, Any]]
    """Objects that could not be read, with their reasons; at most 20."""
    reasons: list[dict[str, Any]]
    """Why records were quarantined, most frequent first; at most 20."""
    disagreements: list[str]
    """Sums that should be equal and are not; empty is good."""

    def as_dict(self) -> dict[str, Any]:
        """For --format json."""
        return asdict(self)


def read_status(lake: Warehouse) -> Status:
    """Read the state of the warehouse."""
    counts = lake.rows(
        """
        select
            count(*) filter (where status = 'loaded') as objects_loaded,
            count(*) filter (where status = 'failed') as objects_failed,
            coalesce(sum(records), 0)::bigint as records,
            coalesce(sum(loaded), 0)::bigint as loaded,
            coalesce(sum(duplicates), 0)::bigint as duplicates,
            coalesce(sum(quarantined), 0)::bigint as quarantined,
            coalesce(sum(ignored), 0)::bigint as ignored,
            max(loaded_at) as last_ingest_at,
            count(*) filter (where object_id > coalesce((select max(b.object_id) from raw.builds as b), 0))
                as unbuilt_objects
        from raw.objects
        """
    )[0]
    events = lake.rows("select count(*) as event_rows, max(occurred_at) as newest_event_at from raw.events")[0]
    sent = lake.rows(
        """
        select
            coalesce(sum(sends), 0)::bigint as sends,
            coalesce(sum(sends_unseen), 0)::bigint as sends_unseen,
            (sum(sends_unseen) / nullif(sum(sends + sends_unseen), 0))::double as sends_unseen_share
        from marts.daily
        """
    )[0]
    failed = lake.rows("select object_uri, error from raw.objects where status = 'failed' order by object_uri limit 20")
    return Status(
        **counts,
        **events,
        **sent,
        last_build_at=lake.value("select max(built_at) from raw.builds"),
        files=count_files(lake),
        snapshot=lake.value("select max(snapshot_id) from ducklake_snapshots('lake')"),
        failed=failed,
        reasons=_read_reasons(lake),
        disagreements=_read_disagreements(lake),
    )


def _read_reasons(lake: Warehouse) -> list[dict[str, Any]]:
    """Reasons without the value that the record showed after the colon, which comes from strangers."""
    return lake.rows(
        """
        select split_part(reason, ': ', 1) as reason, count(*) as records
        from raw.quarantine group by all order by records desc, reason limit 20
        """
    )


def _read_disagreements(lake: Warehouse) -> list[str]:
    """The sums that must agree whatever arrives: the ledger with itself, with the quarantine, and mart with mart."""
    checks = {
        "objects whose records are not loaded + duplicates + quarantined": """
            select count(*) from raw.objects
            where status = 'loaded' and records <> loaded + duplicates + quarantined
        """,
        "quarantined records that the ledger does not count, or the reverse": """
            select abs((select coalesce(sum(quarantined), 0) from raw.objects)
                - (select count(*) from raw.quarantine)
                - (select coalesce(sum(e.records), 0) from raw.expired_quarantine as e
                    where e.object_id in (select o.object_id from raw.objects as o)))::bigint
        """,
        "recipients that marts.daily counts otherwise than marts.hourly": """
            select abs(
                (select coalesce(sum(sends + sends_unseen + deliveries + complaints), 0) from marts.daily)
                - (select coalesce(sum(sends + sends_unseen + deliveries + complaints), 0) from marts.hourly)
            )::bigint
        """,
        "recipients that marts.daily counts otherwise than marts.daily_by_event_day": """
            select abs(
                (select coalesce(sum(sends + sends_unseen + deliveries + complaints), 0) from marts.daily)
                - (
                    select coalesce(sum(sends + sends_unseen + deliveries + complaints), 0)
                    from marts.daily_by_event_day
                )
            )::bigint
        """,
    }
    found = {sentence: lake.value(query) for sentence, query in checks.items()}
    return [f"{count:,} {sentence}" for sentence, count in found.items() if count]
