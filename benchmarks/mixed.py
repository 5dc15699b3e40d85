"""How fast dumps of real life are read beside clean ones that hold the same events, and these beside the parse floor.

    python benchmarks/mixed.py [--messages 400000] [--data benchmarks/data]

In the mixed ones a tenth of the records are in SNS's envelope, a tenth of the objects have no newlines between their
records, and one record in a thousand is bad. All three happen side by side in one object.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dumps import BAD_LIST, keep_clean, keep_mixed
from measuring import Run, ingest_dumps, print_ratios, read_arguments, take_turns
from night import count_columns, list_zipped

if TYPE_CHECKING:
    from pathlib import Path

    from mailgauge.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a warehouse holds after an ingest."""

    events: int
    digest: int
    """Of everything in raw.events but where it came from."""
    duplicates: int
    quarantined: list[str]


def read_loaded(lake: Warehouse) -> Loaded:
    """Look at what an ingest has loaded."""
    (events,) = lake.rows("""
        select count(*) as events, sum(hash(e)::hugeint) as digest
        from (select * exclude (object_id, slot) from raw.events) as e
    """)
    return Loaded(
        events["events"],
        int(events["digest"] or 0),
        lake.value("select sum(duplicates) from raw.objects"),
        sorted(row["record"] for row in lake.rows("select record from raw.quarantine")),
    )


def compare(clean: Loaded, mixed: Loaded, bad: list[str]) -> None:
    """Stop where the mixed dumps gave other events, or lost a bad record."""
    if clean.quarantined or clean.duplicates or mixed.duplicates:
        raise SystemExit("The clean dumps are not clean.")
    if (clean.events, clean.digest) != (mixed.events, mixed.digest):
        raise SystemExit(f"The events differ: {clean.events:,} of the clean dumps, {mixed.events:,} of the mixed ones.")
    if mixed.quarantined != sorted(bad):
        raise SystemExit(f"{len(mixed.quarantined):,} records are in quarantine, and {len(bad):,} are bad.")
    print(f"the same {clean.events:,} events; all {len(bad):,} bad records are in quarantine")


def _plan(clean: Path, mixed: Path) -> dict[str, Run]:
    return {
        "floor": Run(count_columns, (list_zipped(clean),)),
        "clean": Run(ingest_dumps, (str(clean),), "clean"),
        "mixed": Run(ingest_dumps, (str(mixed),), "mixed"),
        "clean events": Run(read_loaded, (), "clean"),
        "mixed events": Run(read_loaded, (), "mixed"),
    }


def main() -> None:
    """Print the ratio."""
    arguments = read_arguments(__doc__)
    clean, mixed = (keep(arguments.data, arguments.messages) for keep in (keep_clean, keep_mixed))
    best = take_turns(_plan(clean, mixed), arguments.repeats, arguments.data)
    bad = json.loads((mixed / BAD_LIST).read_text(encoding="utf-8"))
    compare(best["clean events"].found, best["mixed events"].found, bad)
    print_ratios({name: best[name] for name in ("floor", "clean", "mixed")}, "floor")
    print(f"clean: {best['clean'].seconds / best['floor'].seconds:.2f} x the parse floor (at most 2.00)")
    clean_speed, mixed_speed = (best[name].found / best[name].seconds for name in ("clean", "mixed"))
    print(f"speed of mixed: {mixed_speed / clean_speed:.2f} x clean (records a second; at least 0.50)")


if __name__ == "__main__":
    main()
