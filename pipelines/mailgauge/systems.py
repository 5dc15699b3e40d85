"""SES's other systems, from the events and settings there are: tenants, sending IPs, regions, limits, reputation."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from mailgauge import paths
from mailgauge.system_facts import LimitUse, RegionSilence, SendingIp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailgauge.settings import Settings
    from mailgauge.warehouse import Warehouse

FOLDER = paths.SQL / "systems"


def list_systems() -> dict[str, str]:
    """What can be asked for, and what a row of it is."""
    return {file.stem: _read_opening(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.sql"))}


def read_system(
    lake: Warehouse, settings: Settings, name: str, day: date | None = None, ips: list[str] | None = None
) -> list[dict[str, Any]]:
    """The rows of a file of sql/systems, as it was at the end of `day`; without one, at the newest there is.

    `ips` are those that `ip_days` is asked about, all without it.
    """
    limits = {region: quota.model_dump() for region, quota in settings.limits.items()}
    lake.execute("set variable limits = ?", [json.dumps(limits)])
    lake.execute("set variable last_recipients = ?", [settings.reputation_recipients])
    lake.execute("set variable last_day = ?", [day or date.max])
    lake.execute("set variable sending_ips = ?", [ips])
    return lake.rows((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


def read_systems(lake: Warehouse, settings: Settings, day: date) -> dict[str, list[dict[str, Any]]]:
    """What a page shows, by name."""
    shown = {
        name: read_system(lake, settings, name, day)
        for name in ("tenants", "regions", "limits", "reputation", "google")
    }
    return shown | {"ip_days": [row for rows in read_dedicated(lake, settings, day).values() for row in rows]}


def read_dedicated(lake: Warehouse, settings: Settings, day: date) -> dict[str, list[dict[str, Any]]]:
    """The rows of `ip_days` by address, of those in the setting `pools`: only these are the sender's to keep warm."""
    ips = sorted({ip for addresses in settings.pools.values() for ip in addresses})
    found: dict[str, list[dict[str, Any]]] = {}
    for row in read_system(lake, settings, "ip_days", day, ips) if ips else []:
        found.setdefault(row["sending_ip"], []).append(row)
    return found


def read_system_facts(lake: Warehouse, settings: Settings, day: date) -> Iterator[RegionSilence | LimitUse | SendingIp]:
    """What the checks judge: every named region up to `day`, its limits where any quota is set, IPs of pools."""
    wanted: dict[str, type[RegionSilence | LimitUse]] = {"regions": RegionSilence}
    if settings.limits:
        wanted["limits"] = LimitUse
    for name, kind in wanted.items():
        yield from (kind.of(row) for row in read_system(lake, settings, name, day) if row["region"])
    for ip, rows in read_dedicated(lake, settings, day).items():
        yield SendingIp.of(ip, day, rows)


def _read_opening(text: str) -> str:
    lines = [line.removeprefix("-- ") for line in text.splitlines() if line.startswith("-- ")]
    return " ".join(lines).partition(":")[0].partition(". ")[0]
