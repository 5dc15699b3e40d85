from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mailgauge import paths
from mailgauge.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with Warehouse(tmp_path_factory.mktemp("warehouse")) as opened:
        yield opened


@pytest.fixture(scope="module")
def domains(lake: Warehouse) -> list[tuple[str, str]]:
    return [(row["domain"], row["isp"]) for row in lake.rows("select domain, isp from staging.isp_domains")]


@pytest.fixture(scope="module")
def can_complain(lake: Warehouse) -> dict[str, bool]:
    return {row["isp"]: row["can_complain"] for row in lake.rows("select isp, can_complain from staging.isps")}


def test_every_provider_stands_once_with_all_its_columns(lake: Warehouse) -> None:
    rows = lake.rows("select * from staging.isps")
    assert len({row["isp"] for row in rows}) == len(rows)
    assert all(value not in (None, "") for row in rows for value in row.values())
    assert {type(row["can_complain"]) for row in rows} == {bool}


def test_every_domain_is_lower_case_ascii(domains: list[tuple[str, str]]) -> None:
    assert [domain for domain, _ in domains if not DOMAIN.fullmatch(domain)] == []


def test_every_domain_stands_once(domains: list[tuple[str, str]]) -> None:
    names = [domain for domain, _ in domains]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_provider_named_anywhere_has_its_row_and_every_row_is_named(lake: Warehouse) -> None:
    kinds = {row["isp"]: row["kind"] for row in lake.rows("select isp, kind from staging.isps")}
    lists = {name: lake.rows(f"select * from staging.{name}") for name in ("isp_domains", "isp_responses", "isp_mx")}
    named = {name: {row["isp"] for row in rows} - {None} for name, rows in lists.items()}
    assert named["isp_domains"] == {isp for isp, kind in kinds.items() if kind == "consumer"}
    hosts = named["isp_responses"] | named["isp_mx"]
    assert {isp for isp, kind in kinds.items() if kind == "hosted"} <= hosts <= set(kinds)
    assert {isp for isp, kind in kinds.items() if kind == "other"} == {"Other"}
    assert len(kinds) >= 150


@pytest.mark.parametrize(("name", "key"), [("isp_responses", "token"), ("isp_mx", "suffix")])
def test_a_token_or_suffix_stands_once_and_tells_a_provider_or_a_gateway(lake: Warehouse, name: str, key: str) -> None:
    rows = lake.rows(f"select * from staging.{name}")
    assert len({row[key] for row in rows}) == len(rows)
    assert all((row["isp"] is None) != (row["gateway"] is None) for row in rows)
    assert [row[key] for row in rows if not (DOMAIN.fullmatch(row[key]) or row[key] == "gsmtp")] == []
    assert name == "isp_responses" or {row[key].count(".") + 1 for row in rows} <= {2, 3, 4}
    assert len({row["gateway"] for row in rows if row["gateway"]}) >= 15


def test_the_pattern_looks_for_every_token_and_no_other(lake: Warehouse) -> None:
    """The longer first, so that none hides behind another."""
    text = (paths.SQL / "staging" / "attributed_events.sql").read_text(encoding="utf-8")
    whole = "".join(re.findall(r"^ *(?:\|\| )?'(.*)',?$", text, re.MULTILINE))
    found = re.search(r"\[\.\]\)\*\((.*?)\)\(\?:\$", whole)
    assert found
    tokens = {row["token"] for row in lake.rows("select token from staging.isp_responses")}
    assert found.group(1).replace("[.]", ".").split("|") == sorted(tokens, key=lambda token: (-len(token), token))


def test_the_table_covers_the_well_known_providers(domains: list[tuple[str, str]]) -> None:
    assert len({isp for _, isp in domains}) >= 70
    assert len(domains) >= 500


@pytest.mark.parametrize(
    ("domain", "isp"),
    [
        ("googlemail.com", "Gmail"),
        ("aol.com", "Yahoo"),
        ("verizon.net", "Yahoo"),
        ("yahoo.co.jp", "Yahoo! JAPAN"),
        ("sbcglobal.net", "AT&T"),
        ("msn.com", "Outlook"),
        ("hotmail.co.uk", "Outlook"),
        ("privaterelay.appleid.com", "Apple"),
        ("web.de", "GMX"),
        ("email.com", "GMX"),
        ("wanadoo.fr", "Orange"),
        ("t-online.de", "T-Online"),
        ("comcast.net", "Comcast"),
        ("libero.it", "Libero"),
        ("bk.ru", "Mail.ru"),
        ("foxmail.com", "QQ"),
        ("126.com", "NetEase"),
    ],
)
def test_a_domain_tells_its_provider(domains: list[tuple[str, str]], domain: str, isp: str) -> None:
    assert dict(domains)[domain] == isp


@pytest.mark.parametrize("isp", ["Gmail", "Apple", "Google Workspace", "Microsoft 365", "Other"])
def test_who_sends_ses_no_complaints(can_complain: dict[str, bool], isp: str) -> None:
    assert can_complain[isp] is False


@pytest.mark.parametrize("isp", ["Yahoo", "Outlook", "Comcast"])
def test_who_sends_ses_complaints(can_complain: dict[str, bool], isp: str) -> None:
    assert can_complain[isp] is True


def test_a_provider_is_capable_only_where_its_feedback_loop_has_a_name(lake: Warehouse) -> None:
    query = "select isp from staging.isps where can_complain <> (feedback_source not in ('none', 'unknown'))"
    assert lake.rows(query) == []
