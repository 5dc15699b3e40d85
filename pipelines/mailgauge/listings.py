"""What to list of a source: all of it, or of one in S3 what may have come since its last ingest, and what failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mailgauge.errors import UsageError
from mailgauge.manifests import read_manifest
from mailgauge.sources import find_objects, is_stored, list_objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mailgauge.buckets import Access
    from mailgauge.sources import SourceObject
    from mailgauge.warehouse import Warehouse

_OF_LATE = timedelta(days=7)
"""How long one late object is taken as a sign that folders are not named by the time of arrival."""
_KEPT = timedelta(hours=6)
"""A row this young stays as it is, so that an ingest without news writes nothing."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the warehouse knows of the sources in S3."""

    listed_at: dict[str, datetime] = field(default_factory=dict)
    """By source, when the last listing began after which everything was loaded."""
    failed: list[str] = field(default_factory=list)
    """Objects that could not be read."""


def read_past(lake: Warehouse, *, now: datetime) -> Past:
    """Read what earlier ingests left; a time to come is of a clock that was wrong, and tells nothing."""
    if not lake.has_table("raw", "listings"):  # an older warehouse, whose next writer makes the table
        return Past()
    query = "select source, max(listed_at) as listed_at from raw.listings group by source having max(listed_at) <= ?"
    listings = lake.rows(query, [now])
    failed = lake.rows("select object_uri from raw.objects where status = 'failed' and starts_with(object_uri, 's3:')")
    return Past(
        {row["source"]: row["listed_at"].replace(tzinfo=UTC) for row in listings},
        sorted(row["object_uri"] for row in failed),
    )


def list_sources(
    sources: Sequence[str],
    past: Past,
    *,
    access: Access | None = None,
    everything: bool = False,
    with_failed: bool = False,
) -> dict[str, list[SourceObject]]:
    """The objects of each source; raises UsageError for an S3 source that never had any.

    Nothing is left out for its date with `everything`, nor with `with_failed`: the last listing may have been without.
    """
    since = {} if everything or with_failed else past.listed_at
    found = {}
    for source in dict.fromkeys(sources):
        objects = list_objects([source], since=since, access=access, with_failed=with_failed)
        if is_stored(source):
            names = _name_failed(source, past, objects, with_failed=with_failed)
            objects += find_objects(names, access=access, is_reached=True)
            if not objects and source not in past.listed_at:
                raise UsageError(f"There is nothing under {source}: check the bucket and the prefix.")
        found[source] = objects
    return found


def find_named(manifests: Sequence[Path], *, access: Access | None = None) -> list[SourceObject]:
    """The objects that files of S3's notifications name, whether they are there or not."""
    names = dict.fromkeys(uri for path in manifests for uri in read_manifest(path))
    objects = [uri for uri in names if not uri.endswith("/")]  # a folder that somebody made by hand
    return find_objects(objects, access=access, is_reached=False)


def join_objects(*groups: Sequence[SourceObject]) -> list[SourceObject]:
    """The objects of all groups, each once, in the order of their names."""
    found = {one.uri: one for group in groups for one in group}
    return [found[uri] for uri in sorted(found)]


def _name_failed(source: str, past: Past, listed: Sequence[SourceObject], *, with_failed: bool) -> list[str]:
    """The failed objects under a source that were not listed."""
    scope = source if source.count("/") > 2 else f"{source}/"  # noqa: PLR2004 (s3://bucket)
    known = {one.uri for one in listed}
    return [
        uri
        for uri in past.failed
        if uri.startswith(scope) and uri not in known and (with_failed or "-failed/" not in uri.removeprefix(scope))
    ]


def write_listings(
    lake: Warehouse, listed: Mapping[str, Sequence[SourceObject]], past: Past, *, began_at: datetime
) -> None:
    """Remember when the listing of sources began whose objects are all in the ledger by now."""
    began = began_at.replace(tzinfo=UTC)
    stored = [source for source in listed if is_stored(source)]
    whole = [source for source in stored if any(_is_late(one, began) for one in listed[source])]
    old = [source for source in stored if began - past.listed_at.get(source, began - _KEPT) >= _KEPT]
    changed = sorted({*whole, *old})
    if changed:
        with lake.transaction():
            lake.execute("delete from raw.listings where source in (select unnest(?))", [changed])
            lake.insert(
                "raw.listings",
                [{"source": source, "listed_at": began_at} for source in changed if source not in whole],
            )


def _is_late(one: SourceObject, now: datetime) -> bool:
    return one.late_at is not None and one.late_at > now - _OF_LATE
