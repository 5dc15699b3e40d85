"""Filling a warehouse from dumps, as the steps do."""

from __future__ import annotations

from pathlib import Path

from mailgauge.ingest import Ingested, ingest
from mailgauge.marts import build_marts
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW


def load(folder: Path, *sources: Path | str) -> Ingested:
    with Warehouse(folder) as lake:
        return ingest(lake, list_objects([str(source) for source in sources]), now=NOW)


def build(folder: Path) -> None:
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW)
