"""Reads what the checks judge of imported data of mailbox providers."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mailgauge.postmaster_facts import DmarcReports, GoogleWord, PostmasterFacts, SndsWord
from mailgauge.systems import read_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from mailgauge.settings import Settings
    from mailgauge.warehouse import Warehouse

_DAYS, _SEEN_DAYS = 7, 30


def read_postmaster_facts(lake: Warehouse, settings: Settings, day: date) -> Iterator[PostmasterFacts]:
    """Every domain and address that a provider told of in the seven days up to `day`."""
    tables = ("google_stats", "google_compliance", "snds_days", "dmarc_records")
    if not lake.value(" union all ".join(f"(select 1 from raw.{table} limit 1)" for table in tables)):
        return
    since = day - timedelta(days=_DAYS - 1)
    yield from _read_google(lake, settings, day, since)
    for address, rows in _group(read_system(lake, settings, "snds", day), "sending_ip", since):
        newest = rows[0]
        yield SndsWord(
            address,
            newest["day"],
            newest["filter_result"],
            newest["snds_complaint_rate"],
            trap_hits=sum(row["trap_hits"] or 0 for row in rows),
            recipients=sum(row["recipients"] for row in rows),
        )
    names = ("messages", "passed", "failed_from_ses", "failed_elsewhere", "turned_away")
    for domain, rows in _group(read_system(lake, settings, "dmarc", day), "domain", since):
        yield DmarcReports(domain, **{name: sum(row[name] for row in rows) for name in names})


def read_mail_from(lake: Warehouse, day: date) -> dict[str, set[str]]:
    """Below each domain what receivers' reports of 30 days up to `day` name as its envelope's domain."""
    rows = lake.rows(
        """
        select distinct lower(header_from) as domain, lower(spf_domain) as name
        from raw.dmarc_records
        where "day" between ? and ? and ends_with(lower(spf_domain), '.' || lower(header_from))
        order by all
        """,
        [day - timedelta(days=_SEEN_DAYS - 1), day],
    )
    return {domain: {row["name"] for row in those} for domain, those in groupby(rows, key=lambda row: row["domain"])}


def _read_google(lake: Warehouse, settings: Settings, day: date, since: date) -> Iterator[GoogleWord]:
    broken = lake.rows(
        "select domain, requirement, is_of_subdomains, reason from raw.google_compliance where status = 'NEEDS_WORK' "
        "order by all"
    )
    known = {row["domain"] for row in lake.rows("select distinct domain from raw.google_compliance")}
    days = dict(_group(read_system(lake, settings, "google", day), "domain", since))
    for domain in sorted(known | days.keys()):
        rows = days.get(domain, ())
        yield GoogleWord(
            domain,
            tuple((row["day"], row["google_spam_rate"]) for row in rows if row["google_spam_rate"] is not None),
            recipients=sum(row["recipients"] for row in rows),
            needs_work=tuple(
                (f"{one['requirement']}{' of subdomains' if one['is_of_subdomains'] else ''}", one["reason"])
                for one in broken
                if one["domain"] == domain
            ),
        )


def _group(rows: Sequence[dict[str, Any]], name: str, since: date) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows since a day by a column, in which they stand in order."""
    recent = (row for row in rows if row["day"] >= since)
    for key, those in groupby(recent, key=lambda row: row[name]):
        yield key, list(those)
