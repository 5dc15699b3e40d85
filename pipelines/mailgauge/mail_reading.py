"""Reads what the checks judge of mail, by the files of sql/mail."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mailgauge import paths
from mailgauge.mail_facts import IdentityMail, MailFacts, ProviderMail, RuleRejects, SetEvents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from mailgauge.warehouse import Warehouse


def read_mail_facts(lake: Warehouse, day: date) -> Iterator[MailFacts]:
    """Every identity, configuration set and mailbox provider with mail up to `day`."""
    rules, parts = _group(read_mail(lake, "identity_rules", day)), _group(read_mail(lake, "identity_parts", day))
    for row in read_mail(lake, "identity_counts", day):
        identity = row["identity"]
        yield IdentityMail(
            until=day,
            rules=tuple(RuleRejects(**_choose(RuleRejects, rule)) for rule in rules[identity]),
            from_domains=_add_up(parts[identity], "from_domain"),
            tenants=_add_up(parts[identity], "tenant"),
            **row,
        )
    for row in read_mail(lake, "configuration_sets", day):
        yield SetEvents(until=day, **row)
    for row in read_mail(lake, "providers", day):
        yield ProviderMail(until=day, **row)


def read_mail(lake: Warehouse, name: str, day: date) -> list[dict[str, Any]]:
    """The rows of a file of sql/mail, of the days up to `day`."""
    lake.execute("set variable last_day = ?", [day])
    return lake.rows((paths.SQL / "mail" / f"{name}.sql").read_text(encoding="utf-8"))


def _group(rows: Sequence[dict[str, Any]]) -> defaultdict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["identity"]].append(row)
    return found


def _choose(kind: type[RuleRejects], row: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: row[field.name] for field in fields(kind)}


def _add_up(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[tuple[str | None, int], ...]:
    """The recipients of each value of a column, most first."""
    sums: dict[str | None, int] = defaultdict(int)
    for row in rows:
        sums[row[name]] += row["recipients"]
    return tuple(sorted(sums.items(), key=lambda part: (-part[1], part[0] or "")))
