"""What a resolver answered is not asked again while it is good, by whichever run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from advisor.nameserver import NameServer, publish_everything
from documents import as_lines, read_fixture, write_dump
from mailgauge.advisor import Advice, advise
from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.settings import Settings
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse

ACME = "acme.example"
DAY, NOW = date(2026, 3, 30), datetime(2026, 3, 31, 6)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
TTL = 60


@pytest.fixture
def run(dumps: Path, folder: Path, settings: Settings) -> Callable[[int], Advice]:
    """Advise, so many seconds after the first time."""
    write_dump(dumps / "object", as_lines([read_fixture("send")]))
    with Warehouse(folder) as lake:
        ingest(lake, list_objects([str(dumps)]), now=NOW)
        build_marts(lake, now=NOW)

    def again(seconds: int) -> Advice:
        with Warehouse(folder) as lake:
            return advise(lake, settings, day=DAY, now=NOW + timedelta(seconds=seconds))

    return again


def ask(zone: NameServer, run: Callable[[int], Advice], seconds: int) -> set[tuple[str, str]]:
    """What a run asks."""
    zone.asked.clear()
    run(seconds)
    return set(zone.asked)


def test_answers_are_kept_for_their_ttl(zone: NameServer, run: Callable[[int], Advice]) -> None:
    publish_everything(zone, ACME)
    first = ask(zone, run, 0)
    assert {(ACME, "TXT"), (f"_dmarc.{ACME}", "TXT"), (ACME, "MX")} <= first
    later = ask(zone, run, TTL - 1)
    assert not {(ACME, "TXT"), (f"_dmarc.{ACME}", "TXT"), (ACME, "MX")} & later
    assert (f"_mta-sts.{ACME}", "TXT") in later, "this server does not say how long it is not there"
    assert {(ACME, "TXT"), (f"_dmarc.{ACME}", "TXT"), (ACME, "MX")} <= ask(zone, run, TTL + 1)


def test_what_was_mended_is_seen_after_its_ttl(zone: NameServer, run: Callable[[int], Advice]) -> None:
    publish_everything(zone, ACME)
    zone.records[f"_dmarc.{ACME}"] = []
    zone.text(f"_dmarc.{ACME}", f"v=DMARC1; p=none; rua=mailto:a@{ACME}")
    assert [one.check for one in run(0).findings] == ["dmarc_policy"]
    zone.records[f"_dmarc.{ACME}"] = []
    zone.text(f"_dmarc.{ACME}", f"v=DMARC1; p=reject; rua=mailto:a@{ACME}")
    assert [one.check for one in run(TTL - 1).findings] == ["dmarc_policy"]
    mended = run(TTL + 1)
    assert (mended.findings, mended.fixed) == ([], 1)


def test_what_nobody_answered_is_asked_again(zone: NameServer, run: Callable[[int], Advice]) -> None:
    publish_everything(zone, ACME)
    zone.fail(f"_dmarc.{ACME}", "servfail")
    assert any("DMARC" in sentence for sentence in run(0).not_checked)
    zone.failing.clear()
    assert not any("DMARC" in sentence for sentence in run(1).not_checked)


def test_another_resolver_is_asked_for_itself(zone: NameServer, run: Callable[[int], Advice], folder: Path) -> None:
    publish_everything(zone, ACME)
    run(0)
    with Warehouse(folder) as lake:
        lake.execute("update raw.dns_answers set resolver = '192.0.2.1'")
    assert (ACME, "TXT") in ask(zone, run, 1)


def test_an_answer_that_cannot_be_read_is_asked_again(
    zone: NameServer, run: Callable[[int], Advice], folder: Path
) -> None:
    publish_everything(zone, ACME)
    run(0)
    with Warehouse(folder) as lake:
        lake.execute("update raw.dns_answers set message = 'AAAA'")
    assert (ACME, "TXT") in ask(zone, run, 1)
