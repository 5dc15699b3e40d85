"""What one bad record costs the object it stands in.

    python benchmarks/bad_record.py [--messages 400000] [--data benchmarks/data]

One gzip object of 100,000 clean events beside the same with that in the middle spoilt, in each of several ways, with
newlines between the records and without.
"""

from __future__ import annotations

from dumps import JOINED_SPOILERS, SPOILERS, keep_one_object
from measuring import Run, ingest_dumps, print_ratios, read_arguments, take_turns

RECORDS = 100_000
FORMS = {"lines": (b"\n", list(SPOILERS)), "joined": (b"", JOINED_SPOILERS)}


def main() -> None:
    """Print the ratios."""
    arguments = read_arguments(__doc__)
    for form, (separator, kinds) in FORMS.items():
        runs = {}
        for kind in (None, *kinds):
            folder = keep_one_object(arguments.data, arguments.messages, RECORDS, kind, separator)
            name = f"{form}, {kind or 'clean'}"
            runs[name] = Run(ingest_dumps, (str(folder),), name)
        best = take_turns(runs, arguments.repeats, arguments.data)
        clean = f"{form}, clean"
        print(f"{best[clean].found:,} records in one object")
        print_ratios(best, clean)
        worst = max(one.seconds for one in best.values()) / best[clean].seconds
        print(f"one bad record: at most {worst:.2f} x {clean} (at most 2.00)")


if __name__ == "__main__":
    main()
