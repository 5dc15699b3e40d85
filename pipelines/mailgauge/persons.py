"""Under which name a person stands in a warehouse: their address, or its pseudonym, and never both."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from mailgauge import mentions, paths
from mailgauge.errors import UsageError
from mailgauge.pseudonyms import KEPT, Pseudonyms, is_pseudonym, plain_address

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.settings import Settings
    from mailgauge.warehouse import Warehouse

KEY_VARIABLE = "MAILGAUGE_PSEUDONYM_KEY"
_TELLING = ("events", "quarantine", "inbound_receipts", "mail_manager_logs", "aws_findings", "tenant_statuses")
"""The tables that hold what arrived."""


def choose_pseudonyms(settings: Settings) -> Pseudonyms | None:
    """The pseudonyms that the settings ask for, None where they ask for none; UsageError where the key is missing."""
    if not settings.pseudonymise:
        return None
    if settings.pseudonym_key is None:
        raise UsageError(
            f"`pseudonymise` needs a key: set {KEY_VARIABLE}, made once by `openssl rand -hex 32`, and keep it safe."
        )
    return Pseudonyms(settings.pseudonym_key.get_secret_value())


def require_same_names(lake: Warehouse, pseudonyms: Pseudonyms | None, now: datetime) -> None:
    """Refuse what would give a person a second name in `lake`; an empty warehouse remembers how it begins."""
    known = lake.value("select key_check from raw.pseudonymisations")
    if known is None:
        if pseudonyms:
            _begin(lake, pseudonyms, now)
    elif pseudonyms is None:
        raise UsageError(
            f"The warehouse in {lake.folder} holds pseudonyms: set `pseudonymise = true` and {KEY_VARIABLE}, "
            "or name another warehouse."
        )
    else:
        _require_key(lake, known, pseudonyms)


def name_in(lake: Warehouse, settings: Settings, address: str) -> str:
    """The name under which `address` stands in `lake`; UsageError where that takes a key that is not there.

    A pseudonym, a masked address and what is no address come back as they are.
    """
    known = lake.value("select key_check from raw.pseudonymisations") if _can_tell(lake) else None
    if "@" not in address or is_pseudonym(address):
        return address.strip()
    if known is None:
        return plain_address(address)
    if settings.pseudonym_key is None:
        raise UsageError(
            f"The warehouse in {lake.folder} holds pseudonyms: set {KEY_VARIABLE} to find a person by their address."
        )
    pseudonyms = Pseudonyms(settings.pseudonym_key.get_secret_value())
    _require_key(lake, known, pseudonyms)
    return pseudonyms.address(address)


def define_macros(lake: Warehouse, pseudonyms: Pseudonyms | None) -> None:
    """Define what arrivals.sql asks of names on the connection of `lake`; the key stands in no statement."""
    if pseudonyms:
        inner, outer = pseudonyms.pads
        variables = {
            "pseudonym_inner": inner,
            "pseudonym_outer": outer,
            "pseudonym_kept": KEPT,
            "mentions_in_text": mentions.IN_TEXT,
            "mentions_in_json": mentions.IN_JSON,
            "mention_parts": mentions.PARTS,
            "mention_roles": f" {' '.join(sorted(mentions.ROLES))} ",
        }
        for name, value in variables.items():
            lake.execute(f"set variable {name} = ?", [value])
    for file in ("nul.sql", "pseudonymised.sql" if pseudonyms else "plain.sql"):
        lake.execute((paths.SQL / "raw" / file).read_text(encoding="utf-8"))


def _begin(lake: Warehouse, pseudonyms: Pseudonyms, now: datetime) -> None:
    tables = " union all ".join(f"(select 1 from raw.{table} limit 1)" for table in _TELLING)
    if lake.value(tables):
        raise UsageError(
            f"The warehouse in {lake.folder} holds plain addresses already, and `pseudonymise` is on: "
            "ingest the dumps into a new warehouse, or turn it off."
        )
    lake.insert("raw.pseudonymisations", [{"key_check": pseudonyms.check, "begun_at": now}])


def _require_key(lake: Warehouse, known: str, pseudonyms: Pseudonyms) -> None:
    if not hmac.compare_digest(known, pseudonyms.check):
        raise UsageError(
            f"{KEY_VARIABLE} is not the key that made the pseudonyms of the warehouse in {lake.folder}: "
            "set the one that did."
        )


def _can_tell(lake: Warehouse) -> bool:
    """Whether the warehouse is of a version that knows of pseudonyms; a reader does not bring it up to date."""
    return lake.has_table("raw", "pseudonymisations")
