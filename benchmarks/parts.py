"""Where the time of an ingest goes, and the limit of each part: the same work alone, by the fastest known means.

    python benchmarks/parts.py [--messages 400000] [--data benchmarks/data]

Figures are seconds of all processors together, which add up; parts that run in one statement are told apart by leaving
work out. The dumps are clean, so nothing is read twice.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isal import igzip

from dumps import keep_clean
from mailgauge import paths
from mailgauge.ingest import KEPT_BYTES
from mailgauge.memory import keep_memory
from mailgauge.persons import define_macros
from mailgauge.pieces import ObjectText
from mailgauge.sources import list_objects, read_content
from mailgauge.warehouse import Warehouse
from measuring import Run, ingest_dumps, read_arguments, run_alone, take_turns
from night import count_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from measuring import Measured

LOADED = "where problem is null and is_odd is not true"
STATEMENTS = {
    "insert into raw.events": "load",
    "known": "de-duplication",
    "hash(event_id)": "de-duplication",
    "object_id <": "de-duplication",
    'max("day")': "de-duplication",
    "repeated": "de-duplication",
    "insert into raw.objects": "ledger",
}
"""What an ingest does in a statement that has these words; the first that fit."""


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the table."""

    name: str
    cpu_seconds: float
    megabytes: float
    """Of what the part reads, or writes."""
    unit: str
    limit: float
    """CPU seconds of the same alone."""
    means: str

    def show(self, whole: float) -> str:
        """The line in Markdown."""
        speed = self.megabytes / max(self.cpu_seconds, 0.001)
        cells = (
            self.name,
            f"{self.cpu_seconds:.2f}",
            f"{self.cpu_seconds / whole:.0%}",
            f"{speed:,.0f} MB/s of {self.unit}" if self.unit else "",
            f"{self.limit:.2f}" if self.limit else "",
            f"{self.cpu_seconds / self.limit:.1f}" if self.limit else "",
            self.means,
        )
        return f"| {' | '.join(cells)} |"


class _Watched(Warehouse):
    """A warehouse that notes how much processor time its statements take."""

    spent: dict[str, float]

    def __init__(self, folder: Path) -> None:
        self.spent = {}
        super().__init__(folder)

    def _note(self, sql: str, begun: float) -> None:
        kind = next((kind for words, kind in STATEMENTS.items() if words in sql), "other")
        kind = "ledger" if kind == "other" and ("raw.objects" in sql or sql == "commit") else kind
        self.spent[kind] = self.spent.get(kind, 0.0) + time.process_time() - begun

    def _watch(self, run: Callable[..., Any], sql: str, parameters: Any) -> Any:  # noqa: ANN401 (as its base has it)
        begun = time.process_time()
        found = run(sql, parameters)
        self._note(sql, begun)
        return found

    def execute(self, sql: str, parameters: Any = None) -> None:  # noqa: ANN401 (as its base has it)
        self._watch(super().execute, sql, parameters)

    def rows(self, sql: str, parameters: Any = None) -> list[dict[str, Any]]:  # noqa: ANN401 (as its base has it)
        return list(self._watch(super().rows, sql, parameters))

    def value(self, sql: str, parameters: Any = None) -> Any:  # noqa: ANN401 (as its base has it)
        return self._watch(super().value, sql, parameters)

    def column(self, sql: str, parameters: Any = None) -> Any:  # noqa: ANN401 (as its base has it)
        return self._watch(super().column, sql, parameters)


def watch_ingest(lake: Warehouse, source: str) -> dict[str, float]:
    """Ingest into a second warehouse; returns the CPU seconds of its statements by what they are for."""
    with _Watched(lake.folder.with_name("watched")) as watched:
        watched.spent.clear()
        ingest_dumps(watched, source)
        return watched.spent


def unpack(_lake: Warehouse, source: str) -> int:
    """Gunzip as an ingest does, piece by piece with the checksum; returns the bytes."""
    keep_memory(KEPT_BYTES)
    return sum(len(chunk) for one in list_objects([source]) for chunk in read_content(one))


def unpack_at_once(_lake: Warehouse, files: Sequence[str]) -> None:
    """Gunzip each object in one call."""
    for file in files:
        igzip.decompress(Path(file).read_bytes())  # type: ignore[no-untyped-call] # isal ships no types for it


def cut(_lake: Warehouse, source: str) -> None:
    """Gunzip and cut into the pieces that DuckDB is shown."""
    keep_memory(KEPT_BYTES)
    for one in list_objects([source]):
        text = ObjectText(read_content(one))
        while text.read():
            pass


def copy_texts(_lake: Warehouse, files: Sequence[str]) -> None:
    """Count the lines of unpacked objects and copy each once."""
    for file in files:
        text = Path(file).read_bytes()
        text.count(b"\n")
        bytearray(text)


def read_texts(_lake: Warehouse, files: Sequence[str]) -> None:
    """Only read unpacked objects."""
    for file in files:
        Path(file).read_bytes()


def check_json(lake: Warehouse, files: Sequence[str]) -> None:
    """Parse unpacked objects and take nothing out of them."""
    query = "select count(json) from read_ndjson_objects($1, maximum_object_size = 33554432)"
    lake.rows(query, [files])


def transform(lake: Warehouse, files: Sequence[str], *, with_hash: bool) -> None:
    """Make rows of events, count every column, write nothing."""
    _serve(lake, files)
    wanted = [row["column_name"] for row in lake.rows("describe raw.events")]
    ours = {"object_id", "slot"} | ({"event_id"} if not with_hash else set())
    counts = ", ".join(f'count("{name}")' for name in wanted if name not in ours)
    lake.rows(f"select {counts} from ({_arrivals()}) {LOADED}")


def transform_all(lake: Warehouse, files: Sequence[str]) -> None:
    """With the hash."""
    transform(lake, files, with_hash=True)


def transform_most(lake: Warehouse, files: Sequence[str]) -> None:
    """Without the hash."""
    transform(lake, files, with_hash=False)


def write(lake: Warehouse, files: Sequence[str]) -> None:
    """The same into the warehouse."""
    _serve(lake, files)
    lake.execute(f"""
        insert into raw.events by name
        select * exclude (file_index, _object, _position, is_odd, problem, origin), 'ses' as origin, 1 as object_id
        from ({_arrivals()}) {LOADED}
    """)


def _serve(lake: Warehouse, files: Sequence[str]) -> None:
    define_macros(lake, None)
    lake.execute("set variable dump_files = ?", [files])
    lake.execute("set disabled_optimizers = 'filter_pushdown'")  # as an ingest does


def _arrivals() -> str:
    dump, arrivals = ((paths.SQL / "raw" / f"{name}.sql").read_text() for name in ("dump", "arrivals"))
    return arrivals.replace("from dump\n", f"from ({dump}) as dump\n")


def find_limits(lake: Warehouse) -> dict[str, float]:
    """CPU seconds of single pieces of work on loaded events, and how many megabytes they are about."""
    lake.execute("""
        create temp table texts as
        select
            concat_ws(chr(31), event_type, message_id, recipient, feedback_id, occurred_at, link, ip_address) as key,
            strftime(sent_at, '%Y-%m-%dT%H:%M:%S.%gZ') as sent, strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%gZ') as own,
            tags::json as tags
        from raw.events
    """)
    tags = "/ses:configuration-set/0", "/ses:from-domain/0", "/ses:tenant-name/0", "/ses:outgoing-ip/0"
    parquet = lake.folder / "events.parquet"
    queries = {
        "hash": "select count(md5(key)::uuid) from texts",
        "transform": f"""
            select count(sent::timestamp), count(own::timestamp), count(json_extract_string(tags, {list(tags)}))
            from texts
        """,
        "write": f"copy raw.events to '{parquet}'",
        "de-duplication": "select count(*) from (select event_id from raw.events group by all having count(*) > 1)",
    }
    found = {name: _time(lake, query) for name, query in queries.items()}
    lake.execute("create table raw.empty as select 1 as n")
    found["ledger"] = _time(lake, "insert into raw.empty select 2")
    found["key MB"] = lake.value("select sum(strlen(key)) / 1e6 from texts")
    found["parquet MB"] = parquet.stat().st_size / 1e6
    found["events"] = lake.value("select count(*) from raw.events")
    return found


def _time(lake: Warehouse, query: str) -> float:
    begun = time.process_time()
    lake.rows(query)
    return time.process_time() - begun


def write_texts(source: str, room: Path) -> list[str]:
    """Unpack every object into a file of its own."""
    for place, one in enumerate(list_objects([source])):
        (room / f"{place:05}.json").write_bytes(b"".join(read_content(one)))
    return sorted(map(str, room.iterdir()))


def _plan(source: str, zipped: Sequence[str], texts: Sequence[str]) -> dict[str, Run]:
    return {
        "ingest": Run(ingest_dumps, (source,), "whole"),
        "limits": Run(find_limits, (), "whole"),
        "statements": Run(watch_ingest, (source,)),
        "floor": Run(count_columns, (zipped,)),
        "unpack": Run(unpack, (source,)),
        "unpack at once": Run(unpack_at_once, (zipped,)),
        "cut": Run(cut, (source,)),
        "read": Run(read_texts, (texts,)),
        "copy": Run(copy_texts, (texts,)),
        "check": Run(check_json, (texts,)),
        "parse": Run(count_columns, (texts,)),
        "transform": Run(transform_most, (texts,)),
        "hash": Run(transform_all, (texts,)),
        "write": Run(write, (texts,), "written"),
    }


def list_parts(best: Mapping[str, Measured]) -> list[Part]:
    """The table, in the order in which a record goes through the parts."""
    cpu = {name: one.cpu_seconds for name, one in best.items()}
    limits, spent = best["limits"].found, best["statements"].found
    text, keys, parquet = best["unpack"].found / 1e6, limits["key MB"], limits["parquet MB"]
    copied = cpu["copy"] - cpu["read"]
    parts = [
        Part("gunzip", cpu["unpack"], text, "text", cpu["unpack at once"], "isal, a whole object in one call"),
        Part("cut into pieces", cpu["cut"] - cpu["unpack"], text, "text", copied, "one copy, one count of lines"),
        Part("parse", cpu["parse"], text, "text", cpu["check"], "DuckDB parses, and takes nothing out"),
        Part(
            "transform", cpu["transform"] - cpu["parse"], text, "text", limits["transform"], "both times and the tags"
        ),
        Part("hash", cpu["hash"] - cpu["transform"], keys, "keys", limits["hash"], "md5 of keys ready made"),
        Part("write", cpu["write"] - cpu["hash"], parquet, "Parquet", limits["write"], "COPY of the same rows"),
        Part("de-duplication", spent["de-duplication"], 0.0, "", limits["de-duplication"], "one GROUP BY event_id"),
        Part("ledger and commit", spent["ledger"], 0.0, "", limits["ledger"], "a commit of one row"),
    ]
    rest = cpu["ingest"] - sum(part.cpu_seconds for part in parts)
    return [*parts, Part("rest", rest, 0.0, "", 0.0, "")]


def main() -> None:
    """Print the table."""
    arguments = read_arguments(__doc__)
    source = keep_clean(arguments.data, arguments.messages)
    with tempfile.TemporaryDirectory(dir=arguments.data) as room:
        texts = run_alone(write_texts, str(source), Path(room))
        zipped = sorted(map(str, source.glob("*.gz")))
        runs = _plan(str(source), zipped, texts)
        best = take_turns(runs, arguments.repeats, arguments.data, figure="cpu_seconds")
    whole = best["ingest"]
    print(f"{whole.found:,} records, {best['unpack'].found / 1e6:,.0f} MB of text, {whole.seconds:.2f} s by the clock,")
    print(f"{whole.cpu_seconds:.2f} CPU s; {whole.seconds / best['floor'].seconds:.2f} x the parse floor\n")
    print("| part | CPU s | share | speed | limit, CPU s | part / limit | the limit is |")
    print("|---|---|---|---|---|---|---|")
    for part in list_parts(best):
        print(part.show(whole.cpu_seconds))


if __name__ == "__main__":
    main()
