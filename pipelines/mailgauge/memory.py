"""What the process asks of its C library: to keep the memory that it will want again."""

from __future__ import annotations

import ctypes

_ONE_ARENA, _FROM_HEAP, _KEPT = -8, -3, -1  # M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of mallopt(3)


def keep_memory(size: int) -> None:
    """Keep up to `size` freed bytes for the next texts of some megabytes: new pages cost more than unpacking does.

    Where the C library knows no mallopt, nothing happens.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_ONE_ARENA, 1)
        library.mallopt(_FROM_HEAP, 32 << 20)  # the most it takes
        library.mallopt(_KEPT, size)
