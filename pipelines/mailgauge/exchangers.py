"""Asks DNS for the mail exchangers (MX) of recipient domains whose provider nothing else tells: few, cached, in time.

The domains with most mail come first, those never asked before those to be asked again. A time-out is no answer: what
was found before stands, and the domain is asked again a day later.
"""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver

from mailgauge.dns import WORKERS, Lookups

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.settings import DnsSettings
    from mailgauge.warehouse import Warehouse

FOUND, NONE, FAILED = "found", "none", "failed"

SHORTEST, LONGEST = timedelta(days=1), timedelta(days=30)
"""How long an answer is kept at least, whatever its TTL (builds are nightly), and at most."""

_MOST_HOSTS = 20
"""How many exchangers of a domain are kept."""

_NAME = re.compile(r"([a-z0-9_-]+\.)+[a-z][a-z0-9-]*")

_WANTED = """
    select d.recipient_domain
    from (
        select recipient_domain, count(*) as sends
        from raw.events
        where event_type = 'Send' and recipient_domain <> 'simulator.amazonses.com'
        group by recipient_domain
    ) as d
    left join staging.domain_isps as p
        on d.recipient_domain = p.recipient_domain and p.isp is not null and p.isp_rank < 6
    left join raw.domain_mx as m on d.recipient_domain = m.recipient_domain
    where p.isp is null and coalesce(m.expires_at <= $now, true)
    order by m.looked_up_at is not null, d.sends desc, d.recipient_domain
    limit $most
"""


@dataclass(frozen=True, slots=True)
class Exchangers:
    """What DNS said of a domain."""

    recipient_domain: str
    status: str
    mx_hosts: tuple[str, ...] = ()
    """By preference."""
    kept: timedelta = SHORTEST


def learn_exchangers(
    lake: Warehouse, settings: DnsSettings, *, now: datetime, resolver: str | None = None
) -> list[Exchangers]:
    """Look up what is wanted and not known, within the numbers and seconds of `settings`, and keep the answers."""
    wanted = lake.rows(_WANTED, {"now": now, "most": settings.mx_look_ups})
    found = look_up_exchangers([row["recipient_domain"] for row in wanted], settings, resolver)
    if found:
        lake.together(partial(_keep, lake, found, now))
    return found


def look_up_exchangers(domains: list[str], settings: DnsSettings, resolver: str | None = None) -> list[Exchangers]:
    """Ask about `domains`, several at a time, until the time is over; those not asked then are left out."""
    ends = time.monotonic() + settings.mx_seconds
    own = {
        "timeout_seconds": min(settings.timeout_seconds, settings.mx_seconds),
        "most_look_ups": max(1, len(domains)),  # mx_look_ups has limited them already
    }
    limited = settings.model_copy(update=own)
    lookups = Lookups(limited, resolver)

    def ask(domain: str) -> Exchangers | None:
        return _look_up(lookups, domain) if time.monotonic() < ends else None

    with ThreadPoolExecutor(WORKERS) as pool:
        return [found for found in pool.map(ask, domains) if found]


def _look_up(lookups: Lookups, domain: str) -> Exchangers:
    if not _NAME.fullmatch(domain):
        return Exchangers(domain, NONE, kept=LONGEST)
    try:
        answer = lookups.ask(domain, "MX")
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Exchangers(domain, NONE)
    except (dns.exception.DNSException, OSError, ValueError):
        return Exchangers(domain, FAILED)
    records = sorted((record.preference, record.exchange.to_text(omit_final_dot=True).lower()) for record in answer)
    hosts = tuple(host for _, host in records if _NAME.fullmatch(host))[:_MOST_HOSTS]
    seconds = answer.rrset.ttl if answer.rrset is not None else 0
    kept = max(SHORTEST, min(LONGEST, timedelta(seconds=seconds)))
    return Exchangers(domain, FOUND if hosts else NONE, hosts, kept)


def _keep(lake: Warehouse, found: list[Exchangers], now: datetime) -> None:
    """Write the answers; a failure only puts off the next question where something was found before."""
    lake.execute("create or replace temp table answers as select * from raw.domain_mx limit 0")
    rows = [
        {
            "recipient_domain": one.recipient_domain,
            "mx_hosts": list(one.mx_hosts),
            "status": one.status,
            "looked_up_at": now,
            "expires_at": now + one.kept,
        }
        for one in found
    ]
    lake.insert("answers", rows)
    lake.execute(
        """
        update answers as a set mx_hosts = m.mx_hosts, status = m.status
        from raw.domain_mx as m
        where a.recipient_domain = m.recipient_domain and a.status = 'failed' and m.status <> 'failed'
        """
    )
    lake.execute("delete from raw.domain_mx where recipient_domain in (select recipient_domain from answers)")
    lake.execute("insert into raw.domain_mx by name select * from answers")
    lake.execute("drop table answers")
