"""MX as evidence: asked of a real name server on loopback, few, in time, kept, and never mistaken for silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from advisor.nameserver import NameServer, serving
from documents import as_lines, change, read_fixture, write_dump
from mailgauge import steps
from mailgauge.exchangers import learn_exchangers
from mailgauge.settings import DnsSettings, Settings
from mailgauge.warehouse import Warehouse
from moments import NOW


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    with serving() as zone:
        yield zone


@pytest.fixture
def zone(server: NameServer) -> NameServer:
    for held in (server.records, server.failing, server.asked):
        held.clear()
    server.text("example", "a parent, so that names without records exist")
    return server


@pytest.fixture
def send(dumps: Path, build: Callable[..., object]) -> Callable[..., None]:
    """Ingest a Send to each recipient, and build."""

    def run(*recipients: str) -> None:
        sent = read_fixture("send")
        documents = [
            change(change(sent, "mail.messageId", f"m{place}"), "mail.destination", [recipient])
            for place, recipient in enumerate(recipients)
        ]
        write_dump(dumps / "sends", as_lines(documents))
        build()

    return run


def configure(folder: Path, zone: NameServer, **dns: Any) -> Settings:
    chosen = DnsSettings(**{"resolver": zone.address, "timeout_seconds": 0.3, "mx_look_ups": 10, **dns})
    return Settings(warehouse=folder, dns=chosen)


def read_isps(folder: Path) -> dict[str, tuple[Any, ...]]:
    query = "select recipient_domain as d, isp, isp_evidence, isp_clue, gateway from marts.outcomes"
    with Warehouse(folder, read_only=True) as lake:
        return {row["d"]: tuple(row.values())[1:] for row in lake.rows(query)}


def read_mx(folder: Path) -> dict[str, tuple[str, list[str]]]:
    with Warehouse(folder, read_only=True) as lake:
        rows = lake.rows("select recipient_domain as d, status, mx_hosts from raw.domain_mx")
    return {row["d"]: (row["status"], row["mx_hosts"]) for row in rows}


def test_the_mx_tells_what_nothing_else_does_and_old_messages_are_counted_again(
    folder: Path, zone: NameServer, send: Callable[..., None]
) -> None:
    zone.exchange("google.example", "aspmx.l.google.com", "alt1.aspmx.l.google.com")
    zone.exchange("micro.example", "micro-example.mail.protection.outlook.com")
    zone.exchange("guarded.example", "mx1.guarded.iphmx.com", "aspmx.l.google.com")
    zone.exchange("own.example", "mail.own.example")
    zone.exchange("null.example", "")
    send("a@google.example", "a@micro.example", "a@guarded.example", "a@own.example", "a@null.example", "a@gmail.com")
    assert {row[0] for name, row in read_isps(folder).items() if name != "gmail.com"} == {"Other"}
    steps.build(configure(folder, zone))
    assert read_isps(folder) == {
        "google.example": ("Google Workspace", "mx", "aspmx.l.google.com", None),
        "micro.example": ("Microsoft 365", "mx", "micro-example.mail.protection.outlook.com", None),
        "guarded.example": ("Other", "none", None, "Cisco"),
        "own.example": ("Other", "none", None, None),
        "null.example": ("Other", "none", None, None),
        "gmail.com": ("Gmail", "domain", "gmail.com", None),
    }
    assert read_mx(folder)["null.example"] == ("none", [])
    assert "gmail.com" not in {name for name, _ in zone.asked}, "what is known is not asked"
    with Warehouse(folder, read_only=True) as lake:
        assert lake.value("select sum(sends)::int from marts.daily where isp = 'Google Workspace'") == 1
        assert lake.value("select sum(sends)::int from marts.daily") == 6


@pytest.mark.parametrize("dns", [{"mx_look_ups": 0}, {"enabled": False}])
def test_it_is_off_unless_asked_for(
    dns: dict[str, Any], folder: Path, zone: NameServer, send: Callable[..., None]
) -> None:
    send("a@google.example")
    steps.build(configure(folder, zone, **dns))
    assert zone.asked == []
    assert DnsSettings().mx_look_ups == 0


@pytest.mark.parametrize("how", ["silence", "servfail", "refused"])
def test_no_answer_is_not_no_mx_and_does_not_undo_an_answer(
    how: str, folder: Path, zone: NameServer, send: Callable[..., None]
) -> None:
    zone.exchange("known.example", "aspmx.l.google.com")
    send("a@known.example", "a@new.example")
    zone.fail("new.example", how)
    settings = configure(folder, zone)
    steps.build(settings)
    assert read_mx(folder)["new.example"] == ("failed", [])
    zone.fail("known.example", how)
    with Warehouse(folder) as lake:
        learn_exchangers(lake, settings.dns, now=steps.read_clock() + timedelta(days=31))
    assert read_mx(folder)["known.example"] == ("found", ["aspmx.l.google.com"])


def test_most_mail_first_within_the_number_and_each_answer_is_kept(
    folder: Path, zone: NameServer, send: Callable[..., None]
) -> None:
    send("a@few.example", "a@many.example", "b@many.example", "a@some.example", "b@some.example", "c@many.example")
    dns = configure(folder, zone, mx_look_ups=2).dns
    with Warehouse(folder) as lake:
        nights = [
            sorted(one.recipient_domain for one in learn_exchangers(lake, dns, now=NOW + timedelta(hours=hours)))
            for hours in (0, 1, 2, 30)
        ]
    assert nights == [["many.example", "some.example"], ["few.example"], [], ["many.example", "some.example"]]


def test_the_time_ends_the_asking(folder: Path, zone: NameServer, send: Callable[..., None]) -> None:
    names = [f"d{number}.example" for number in range(40)]
    for name in names:
        zone.fail(name, "silence")
    send(*(f"a@{name}" for name in names))
    dns = configure(folder, zone, mx_look_ups=40, mx_seconds=0.2).dns
    with Warehouse(folder) as lake:
        found = learn_exchangers(lake, dns, now=NOW)
    assert 1 <= len(found) < len(names)
    assert {one.status for one in found} == {"failed"}
    assert len(read_mx(folder)) == len(found), "what was not asked is not written"


def test_hostile_names_are_neither_asked_nor_kept(folder: Path, zone: NameServer, send: Callable[..., None]) -> None:
    zone.exchange("evil.example", "<script>.google.com", "x';drop.google.com")
    send("a@evil.example", "a@[192.0.2.1]", "a@bad_$name.example")
    steps.build(configure(folder, zone))
    assert {name for name, _ in zone.asked} == {"evil.example"}
    assert all(row == ("none", []) for row in read_mx(folder).values())
    assert {row[0] for row in read_isps(folder).values()} == {"Other"}
