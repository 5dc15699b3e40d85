"""What the process asks of its C library and of DuckDB's own allocator: to keep the memory that it will want again."""

from __future__ import annotations

import ctypes
import os

_WISHES = "dirty_decay_ms:3000,lg_extent_max_active_fit:12"
"""What DuckDB's allocator (jemalloc) keeps: what is freed for 3 s instead of one, and long stretches for short wants.

With its own settings an ingest takes half as many new pages again: up to a twentieth of its time. To keep them for
longer wins little, and the build of a large dump would need more than 2 GB.
"""
_ONE_ARENA, _FROM_HEAP, _KEPT = -8, -3, -1  # M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of mallopt(3)


def wish_before_duckdb() -> None:
    """Tell DuckDB's allocator what to keep, unless somebody has; it asks once, when DuckDB is loaded."""
    os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", _WISHES)


def keep_memory(size: int) -> None:
    """Keep up to `size` freed bytes for the next texts of some megabytes: new pages cost more than unpacking does.

    Where the C library knows no mallopt, nothing happens.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_ONE_ARENA, 1)
        library.mallopt(_FROM_HEAP, 32 << 20)  # the most it takes
        library.mallopt(_KEPT, size)
