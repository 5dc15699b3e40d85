"""What a build knows machines by: the networks of the data file, and addresses that click for many within a minute.

Addresses are learnt from all clicks there are, so neither the order nor the number of builds changes a score.
"""

from __future__ import annotations

import csv
import hashlib
import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailgauge.warehouse import Warehouse

NETWORKS_FILE = Path(__file__).with_name("machine_networks.csv")
"""Networks of makers of mail security and of data centres, each with where it is known from."""

_SHARED = """
    select e.ip_address, date_trunc('minute', e.occurred_at) as clicked_minute
    from raw.events as e
    left join staging.isp_domains as d on e.recipient_domain = d.domain
    where e.event_type = 'Click' and e.ip_address is not null and {condition}
    group by all
    having
        count(distinct e.recipient) >= 5
        and count(distinct case when d.domain is null then e.recipient_domain end) >= 3
"""
_MINUTES = """
    select distinct ip_address, date_trunc('minute', occurred_at) as clicked_minute
    from raw.events
    where event_type = 'Click' and ip_address is not null and {condition}
"""


def digest_networks() -> str:
    """It changes when the data file does."""
    return hashlib.sha256(NETWORKS_FILE.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def read_networks() -> list[dict[str, Any]]:
    """The networks of the data file, cut where a prefix of raw.machine_networks ends."""
    with NETWORKS_FILE.open(encoding="utf-8", newline="") as file:
        return [part for row in csv.DictReader(file) for part in _cut_network(row)]


def _cut_network(row: dict[str, str]) -> Iterator[dict[str, Any]]:
    network = ipaddress.ip_network(row["network"])
    bits = 16 if network.version == 4 else 32  # noqa: PLR2004 (the version of IP)
    parts = network.subnets(new_prefix=bits) if network.prefixlen < bits else [network]
    for part in parts:
        shift = part.max_prefixlen - 2 * bits
        first, last = (int(address) >> shift for address in (part.network_address, part.broadcast_address))
        yield {
            "prefix": _write_prefix(first >> bits, part.version),
            "first_rest": first & (1 << bits) - 1,
            "last_rest": last & (1 << bits) - 1,
            "owner": row["owner"],
            "evidence": row["evidence"],
        }


def _write_prefix(number: int, version: int) -> str:
    if version == 4:  # noqa: PLR2004 (the version of IP)
        return f"{number >> 8}.{number & 255}"
    return f"{number >> 16:04x}:{number & 65535:04x}"


def learn_machines(lake: Warehouse) -> None:
    """Read the data file again, and find all addresses that many share."""
    lake.execute("delete from raw.machine_networks")
    lake.insert("raw.machine_networks", read_networks())
    lake.execute("delete from raw.shared_ips where not is_retained")
    lake.execute(
        f"""
        insert into raw.shared_ips by name
        select *, false as is_retained from ({_SHARED.format(condition="true")})
        where (ip_address, clicked_minute) not in (select (ip_address, clicked_minute) from raw.shared_ips)
        """
    )


def add_shared(lake: Warehouse, built: int) -> str | None:
    """Find the addresses that clicks in objects after `built` show to be shared.

    Returns SQL of the messages that they clicked in, or None where there are none.
    """
    lake.execute(f"create or replace temp table minutes as {_MINUTES.format(condition=f'object_id > {built}')}")
    bounds = lake.rows("select min(clicked_minute) as first, max(clicked_minute) as last from minutes")[0]
    if bounds["first"] is None:
        return None
    # The bounds stand as constants, so that files of other days are passed over.
    minutes = (
        f"occurred_at >= timestamp '{bounds['first']}' "
        f"and occurred_at < timestamp '{bounds['last']}' + interval 1 minute "
        "and (ip_address, date_trunc('minute', occurred_at)) in (select (ip_address, clicked_minute) from {})"
    )
    lake.execute(
        f"""
        create or replace temp table found_ips as
        select *, false as is_retained from ({_SHARED.format(condition=minutes.format("minutes"))})
        where (ip_address, clicked_minute) not in (select (ip_address, clicked_minute) from raw.shared_ips)
        """
    )
    if not lake.value("select count(*) from found_ips"):
        return None
    lake.execute("insert into raw.shared_ips by name select * from found_ips")
    return f"select message_id from raw.events where event_type = 'Click' and {minutes.format('found_ips')}"


def retain_shared(lake: Warehouse) -> None:
    """Keep what the clicks of the messages in `expiring` showed to be shared."""
    expiring = _MINUTES.format(condition="message_id in (select message_id from expiring)")
    lake.execute(
        f"""
        update raw.shared_ips set is_retained = true
        where
            not is_retained
            and (ip_address, clicked_minute) in (select (ip_address, clicked_minute) from ({expiring}))
        """
    )
