"""Objects as DuckDB is shown them: made when they are asked for, read again where something is missing."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from documents import as_lines, change, read_fixture, write_dump
from mailgauge.arrivals import Arrival
from mailgauge.feeds import Feed, find_pieces
from mailgauge.ingest import Ingested
from mailgauge.loading import EventLoader
from mailgauge.pieces import PIECE_BYTES, ObjectText
from mailgauge.sources import list_objects
from mailgauge.warehouse import EVENTS_TOGETHER, Warehouse
from wrapping import sns

pytestmark = pytest.mark.threads

Load = Callable[..., Ingested]


def write_long(path: Path, records: int, bad: dict[int, bytes] | None = None) -> Path:
    """An object of `records` Sends, each of about a kilobyte, those in `bad` replaced."""
    lines = as_lines([change(read_fixture("send"), "mail.messageId", f"m{place}") for place in range(records)])
    wanted = [(bad or {}).get(place, line) for place, line in enumerate(lines.splitlines(), start=1)]
    return write_dump(path, b"\n".join(wanted) + b"\n")


def read_row_groups(file: str) -> Iterator[pq.RowGroupMetaData]:
    metadata = pq.ParquetFile(file).metadata
    return (metadata.row_group(place) for place in range(metadata.num_row_groups))


def open_feed(path: Path) -> Feed:
    return Feed(Arrival(list_objects([str(path)])[0], 1))


def test_an_object_much_longer_than_it_looks_is_loaded_whole(dumps: Path, folder: Path, load: Load) -> None:
    """Nothing tells the length of several gzip files behind each other."""
    path = write_long(dumps / "a.gz", 9000, bad={5: b"x", 8000: b"{}"})
    text = path.read_bytes()
    assert len(text) > 3 * PIECE_BYTES
    short = text.rindex(b"\n", 0, -10) + 1
    path.write_bytes(gzip.compress(text[:short]) + gzip.compress(text[short:]))
    feed = open_feed(path)
    assert feed.files * PIECE_BYTES < len(text)
    done = load()
    assert (done.records, done.loaded, done.quarantined, done.failed) == (9000, 8998, 2, [])
    with Warehouse(folder, read_only=True) as lake:
        found = lake.rows("select position from raw.quarantine order by all")
    assert [row["position"] for row in found] == [5, 8000]


@pytest.mark.parametrize("sizes", [[10], [6000], [10, 6000]])
def test_clean_objects_go_the_fast_way_alone(
    sizes: list[int], dumps: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB opens the only file of a statement twice: it must find the same text both times."""
    asked: list[object] = []
    monkeypatch.setattr("mailgauge.loading.find_leftovers", lambda *found, **_: asked.append(found))
    monkeypatch.setattr("mailgauge.one_by_one.RecordLoader.open", lambda _, record: asked.append(record))
    for name, records in enumerate(sizes):
        write_long(dumps / str(name), records)
    done = load()
    assert (done.records, done.quarantined, done.failed) == (sum(sizes), 0, [])
    assert asked == []


@given(st.lists(st.sampled_from([b"{}", b'{"a":1}', b"", b"\n", b'{"eventType":"Send"}']), max_size=30))
def test_every_line_that_holds_something_is_counted(lines: list[bytes]) -> None:
    """Line ends stand close together, and anywhere in a word of eight bytes."""
    text = b"\n".join(lines)
    pieces = iter(ObjectText(iter([text])).read, None)
    assert sum(piece.lines for piece in pieces) == len([line for line in text.split(b"\n") if line])


def test_events_are_written_in_small_row_groups(dumps: Path, folder: Path, load: Load) -> None:
    write_long(dumps / "a", EVENTS_TOGETHER + 1)
    load()
    with Warehouse(folder, read_only=True) as lake:
        files = [row["data_file"] for row in lake.rows("from ducklake_list_files('lake', 'events', schema => 'raw')")]
    sizes = [group.num_rows for file in files for group in read_row_groups(file)]
    assert max(sizes) <= EVENTS_TOGETHER
    assert sum(sizes) == EVENTS_TOGETHER + 1


@given(data=st.data())
def test_what_cannot_be_loaded_is_noted_while_an_object_is_cut(data: st.DataObject) -> None:
    """Its place and its text, and never a line that could be."""
    event = as_lines([read_fixture("send")]).rstrip()
    bad = [b"x", b'{"a":1}', b"<html>", b"[1]", event[:-1] + b"]", b"\xff"]
    lines = data.draw(st.lists(st.sampled_from([event, event + b" ", b"", *bad]), max_size=20))
    ending = data.draw(st.sampled_from([b"\n", b"\r\n"]))
    text = event + ending + ending.join(lines) + data.draw(st.sampled_from([b"", ending]))
    piece = ObjectText(iter([text])).read()
    assume(piece is not None)  # after a broken document not every line is taken for one
    assert piece is not None
    told = [line for line in text.split(b"\n") if line]
    expected = {place: line for place, line in enumerate(told) if line.rstrip() in [b"", *bad]}
    assert piece.suspects.items() <= expected.items()
    assert ending == b"\r\n" or piece.suspects == expected


def test_pieces_asked_for_in_any_order_are_the_text(dumps: Path) -> None:
    path = write_long(dumps / "a", 6000)
    feed = open_feed(path)
    places = feed.take_places()
    made = {place: feed.make(place) for place in reversed(places)}
    assert b"".join(made[place] for place in places) == path.read_bytes()
    assert not feed.has_more()
    assert sum(shown.lines for shown in feed.shown) == 6000


@given(data=st.data())
def test_an_object_is_read_whole_by_as_many_statements_as_it_takes(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each asks for its files in any order, and may end early."""
    path = tmp_path_factory.getbasetemp() / "long"
    if not path.exists():
        write_long(path, 6000)
    feed, made = open_feed(path), dict[int, bytes]()
    while feed.has_more():
        places = feed.take_places()
        stop = data.draw(st.integers(1, len(places)))
        for count, place in enumerate(data.draw(st.permutations(places))):
            assert not made.get(place)
            made[place] = feed.make(place, is_last=count >= stop)
            feed.fill(data.draw(st.sampled_from([0, PIECE_BYTES])))
    assert b"".join(made[place] for place in sorted(made)) == path.read_bytes()
    assert [len(made[place]) for place in range(len(feed.shown))] == [shown.size for shown in feed.shown]


@pytest.mark.parametrize(("kept", "is_one"), [(0, False), (100 * PIECE_BYTES, True)])
def test_a_statement_ends_early_where_much_is_kept(
    *, kept: int, is_one: bool, dumps: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken out of envelopes is kept: that took longer than all the rest."""
    insert, asked = EventLoader._insert_lines, list[int]()  # noqa: SLF001 (how many statements it takes shows nowhere else)

    def count(loader: EventLoader, feeds: list[Feed]) -> None:
        asked.append(len(feeds))
        insert(loader, feeds)

    monkeypatch.setattr(EventLoader, "_insert_lines", count)
    monkeypatch.setattr("mailgauge.feeds.KEPT_BYTES", kept)
    envelope = as_lines([sns(change(read_fixture("send"), "mail.messageId", "wrapped"))]).rstrip()
    write_long(dumps / "a", 20_000, {10: b"x", 3000: envelope, 4000: b"y"})
    write_dump(dumps / "b", as_lines([change(read_fixture("send"), "mail.messageId", "b")]))
    done = load()
    assert (done.records, done.quarantined, done.failed) == (20_001, 2, [])
    assert (len(asked) == 1) == is_one


def test_an_object_that_changes_before_it_is_read_again_is_not_taken_for_the_same(dumps: Path) -> None:
    path = write_long(dumps / "a", 6000)
    feed = open_feed(path)
    for place in feed.take_places():
        feed.make(place)
    assert all(piece and shown.is_of(piece) for piece, shown in find_pieces(feed))
    write_long(path, 6000, bad={1: b"{}"})
    assert next(piece for piece, _ in find_pieces(feed)) is None
    path.unlink()
    assert {piece for piece, _ in find_pieces(feed)} == {None}


def test_what_fails_while_reading_ahead_fails_when_it_is_asked_for(
    dumps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_some(_source: object) -> Iterator[bytes]:
        yield b"{}\n"
        raise MemoryError

    monkeypatch.setattr("mailgauge.feeds.read_content", read_some)
    feed = open_feed(write_long(dumps / "a", 1))
    place = feed.take_places()[0]
    for _ in range(2):
        with pytest.raises(MemoryError):
            feed.fill(1000)
        with pytest.raises(MemoryError):
            feed.make(place)
