"""A warehouse is opened as it was left: of a newer version, under another name, while someone writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents import all_types, as_lines, write_dump
from mailgauge.errors import UsageError
from mailgauge.ingest import ingest
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW


def test_a_warehouse_of_a_newer_version_is_left_alone(folder: Path) -> None:
    with Warehouse(folder) as lake:
        lake.execute("update raw.warehouses set format = 99")
    for read_only in (False, True):
        with pytest.raises(UsageError, match=r"made by a newer mailgauge .*: upgrade mailgauge"):
            Warehouse(folder, read_only=read_only)


def test_a_reader_sees_the_last_commit_while_a_writer_works(folder: Path, dumps: Path) -> None:
    write_dump(dumps / "a", as_lines(all_types()))
    with Warehouse(folder) as writer:
        with writer.transaction():
            writer.execute("delete from raw.warehouses")
            with Warehouse(folder, read_only=True) as reader:
                assert reader.value("select count(*) from raw.warehouses") == 1
                assert reader.value("select count(*) from raw.events") == 0
        with Warehouse(folder, read_only=True) as reader:
            assert reader.value("select count(*) from raw.warehouses") == 0


def test_a_warehouse_that_was_moved_opens(folder: Path, dumps: Path, tmp_path: Path) -> None:
    write_dump(dumps / "a", as_lines(all_types()))
    with Warehouse(folder) as lake:
        ingest(lake, list_objects([str(dumps)]), now=NOW)
    folder.rename(tmp_path / "moved")
    with Warehouse(tmp_path / "moved", read_only=True) as lake:
        assert lake.value("select count(distinct event_type) from raw.events") == 10
