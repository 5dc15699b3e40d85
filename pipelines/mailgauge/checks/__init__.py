"""The checks of the advisor: every module of this folder is one, under its own name.

A check says in its docstring what it looks at and why it matters, and has

- `NAME`, its stem, and `TOPIC`, what it is about in a word or two: what could not be checked is told by topic;
- `FACTS`, the kind of facts it judges (of `mailgauge.facts`), and `READS`, the parts of them that it needs:
  where one of these has a gap, the check is not asked and nothing changes;
- `REFERENCES`, where it stands written, and `REPLY`, what a receiver says to mail that fails it, or nothing;
- `check(facts)`, which returns findings and touches nothing, or raises NotCheckedError where it cannot tell.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from mailgauge.findings import Finding


class Check(Protocol):
    """What a module of this folder offers."""

    NAME: str
    TOPIC: str
    FACTS: type
    READS: tuple[str, ...]
    REFERENCES: tuple[str, ...]
    REPLY: str

    def check(self, facts: Any) -> list[Finding]:  # noqa: ANN401 (each check has its own kind of facts)
        """Judge the facts about one resource."""
        ...


@cache
def list_checks() -> tuple[Check, ...]:
    """Every check, by name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return tuple(cast("Check", import_module(f"{__name__}.{name}")) for name in names)


def find_topic(name: str) -> str:
    """What a check is about; nothing for one that is no more."""
    return next((check.TOPIC for check in list_checks() if name == check.NAME), "")
