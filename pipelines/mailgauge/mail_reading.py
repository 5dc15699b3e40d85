"""Reads what the checks judge of mail, by the files of sql/mail."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mailgauge import paths
from mailgauge.mail_facts import HeaderCounts, IdentityMail, MailFacts, ProviderMail, RuleRejects, SetEvents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from mailgauge.warehouse import Warehouse


def read_mail_facts(lake: Warehouse, day: date) -> Iterator[MailFacts]:
    """Every identity, configuration set and mailbox provider with mail up to `day`."""
    names = ("identity_rules", "identity_parts", "identity_headers", "identity_events", "signatures")
    rules, parts, headers, events, signatures = (_group(read_mail(lake, name, day)) for name in names)
    for row in read_mail(lake, "identity_counts", day):
        identity = row["identity"]
        yield IdentityMail(
            until=day,
            rules=tuple(RuleRejects(**_choose(RuleRejects, rule)) for rule in rules[identity]),
            from_domains=_add_up(parts[identity], "from_domain"),
            tenants=_add_up(parts[identity], "tenant"),
            headers=_count_headers(headers[identity]),
            envelopes=_add_up([row for row in events[identity] if row["kind"] == "send"], "envelope_domain"),
            signatures=tuple(_list_signers(signatures[identity])),
            published=_sum_kind(events[identity], "published"),
            notifications=_sum_kind(events[identity], "notification"),
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


def read_selectors(lake: Warehouse, day: date) -> dict[str, set[str]]:
    """The selectors of the sender's own signatures in the 30 days up to `day`, by the domain that signs."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in read_mail(lake, "signatures", day):
        for name in row["dkim_keys"].split():
            selector, _, domain = name.partition("._domainkey.")
            found[domain].add(selector)
    return dict(found)


def _group(rows: Sequence[dict[str, Any]]) -> defaultdict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["identity"]].append(row)
    return found


def _choose(kind: type[RuleRejects], row: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: row[field.name] for field in fields(kind)}


def _count_headers(rows: Sequence[Mapping[str, Any]]) -> HeaderCounts:
    sets: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
    for row in rows:
        sets[row["configuration_set"]][row["unsubscribe_header"]] = row["recipients"]
    return HeaderCounts(tuple(sets.items()))


def _list_signers(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Each From domain whose mail is signed, with the domains that sign it and its recipients of seven days."""
    by_domain: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["from_domain"] is not None and row["recent"]:
            by_domain[row["from_domain"]].append(row)
    for domain, those in by_domain.items():
        names = [name for row in those for name in row["dkim_keys"].split()]
        signers = dict.fromkeys(name.partition("._domainkey.")[2] for name in names)
        yield domain, tuple(signers), sum(row["recent"] for row in those)


def _sum_kind(rows: Sequence[Mapping[str, Any]], kind: str) -> int:
    return sum(row["recipients"] for row in rows if row["kind"] == kind)


def _add_up(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[tuple[str | None, int], ...]:
    """The recipients of each value of a column, most first."""
    sums: dict[str | None, int] = defaultdict(int)
    for row in rows:
        sums[row[name]] += row["recipients"]
    return tuple(sorted(sums.items(), key=lambda part: (-part[1], part[0] or "")))
