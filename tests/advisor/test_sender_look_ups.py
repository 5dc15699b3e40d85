"""What DNS says of MAIL FROM domains, mail exchangers, signed zones and blocklists, and of the keys that mail names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.nameserver import NameServer, make_key, publish_everything
from documents import as_lines, change, read_fixture, write_dump
from mailgauge.advisor import Advice, advise, judge
from mailgauge.domain_lookups import look_up_all
from mailgauge.facts import Questions
from mailgauge.findings import Finding
from mailgauge.ingest import ingest
from mailgauge.marts import build_marts
from mailgauge.settings import Settings
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse

SHOP, BOUNCE = "shop.example", "bounce.shop.example"
MX = "feedback-smtp.eu-west-1.amazonses.com"
SPF = "v=spf1 include:amazonses.com ~all"
DAY, NOW = date(2026, 3, 30), datetime(2026, 3, 31, 6)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)


def adjust(settings: Settings, **dns: Any) -> Settings:
    return settings.model_copy(update={"dns": settings.dns.model_copy(update=dns)})


def find(settings: Settings, *regions: str, mail_from: str = BOUNCE) -> list[Finding]:
    """What is found about the MAIL FROM domain of shop.example, which sends from these regions."""
    asking = adjust(settings, mail_from={SHOP: mail_from}).dns
    said = judge(look_up_all(Questions([SHOP], regions={SHOP: regions}), asking))
    return [found for found in said.findings if found.check.startswith("mail_from_")]


def test_a_mail_from_domain_that_is_right_has_no_finding(zone: NameServer, settings: Settings) -> None:
    zone.exchange(BOUNCE, MX)
    zone.text(BOUNCE, SPF)
    assert find(settings, "eu-west-1") == []


@pytest.mark.parametrize(
    ("hosts", "regions", "expected"),
    [
        ([], ["eu-west-1"], {"mail_from_exchanger"}),
        (["mx.shop.example"], ["eu-west-1"], {"mail_from_exchanger"}),
        ([MX, "mx.shop.example"], ["eu-west-1"], {"mail_from_exchanger"}),
        (["feedback-smtp.evil.example"], [], {"mail_from_exchanger"}),
        ([MX], ["us-east-1"], {"mail_from_region"}),
        ([MX], ["eu-west-1", "us-east-1"], {"mail_from_region"}),
        ([MX], [], set()),
    ],
)
def test_the_exchanger_of_a_mail_from_domain(
    hosts: list[str], regions: list[str], expected: set[str], zone: NameServer, settings: Settings
) -> None:
    zone.exchange(BOUNCE, *hosts)
    zone.text(BOUNCE, SPF)
    found = find(settings, *regions)
    assert {one.check for one in found} == expected
    assert all(one.impact == "HIGH" and BOUNCE in one.evidence["mail_from"] for one in found)


@pytest.mark.parametrize(
    ("records", "title", "proposed"),
    [
        ([], "SPF record was not found.", SPF),
        (["v=spf1 mx ~all"], "SPF record for Amazon SES was not found.", "v=spf1 include:amazonses.com mx ~all"),
        ([SPF, "v=spf1 -all"], "SPF configuration could not be parsed.", None),
        (["v=spf1 include:amazonses.com include:bounce.shop.example ~all"], "SPF configuration could not be parsed.",
         None),
    ],
)  # fmt: skip
def test_the_spf_record_of_a_mail_from_domain(
    records: list[str], title: str, proposed: str | None, zone: NameServer, settings: Settings
) -> None:
    zone.exchange(BOUNCE, MX)
    zone.text(BOUNCE, *records)
    (found,) = find(settings)
    assert (found.check, found.title) == ("mail_from_spf", title)
    assert found.evidence.get("publish", {}).get("value") == proposed


@pytest.mark.parametrize(
    ("mail_from", "dmarc", "impacts"),
    [
        (BOUNCE, "v=DMARC1; p=none; aspf=r", []),
        (BOUNCE, "v=DMARC1; p=none; aspf=s", ["LOW"]),
        ("bounce.other.example", "v=DMARC1; p=none", ["HIGH"]),
    ],
)
def test_the_alignment_of_a_mail_from_domain(
    mail_from: str, dmarc: str, impacts: list[str], zone: NameServer, settings: Settings
) -> None:
    zone.exchange(mail_from, MX)
    zone.text(mail_from, SPF)
    zone.text(f"_dmarc.{SHOP}", dmarc)
    found = find(settings, mail_from=mail_from)
    assert [one.impact for one in found] == impacts
    assert {one.title for one in found} <= {"MAIL FROM record is not aligned."}


def test_a_mail_from_domain_that_reports_name_counts_where_it_leads_to_ses(
    zone: NameServer, settings: Settings
) -> None:
    zone.exchange(BOUNCE, MX)
    zone.exchange(f"other.{SHOP}", "mx.vendor.example")
    questions = Questions([SHOP], regions={SHOP: ["us-east-1"]}, mail_from={SHOP: [BOUNCE, f"other.{SHOP}"]})
    found = [one for one in judge(look_up_all(questions, settings.dns)).findings if one.check.startswith("mail_from_")]
    assert {(one.check, one.kind) for one in found} == {("mail_from_region", BOUNCE), ("mail_from_spf", BOUNCE)}
    certain = adjust(settings, mail_from={SHOP: f"other.{SHOP}"}).dns
    found = [one for one in judge(look_up_all(questions, certain)).findings if one.check.startswith("mail_from_")]
    assert {(one.check, one.kind) for one in found} == {
        ("mail_from_exchanger", f"other.{SHOP}"),
        ("mail_from_spf", f"other.{SHOP}"),
    }


def test_a_mail_from_domain_that_does_not_answer_is_not_checked(zone: NameServer, quick: Settings) -> None:
    zone.fail(BOUNCE, "silence")
    asking = adjust(quick, mail_from={SHOP: BOUNCE}).dns
    said = judge(look_up_all(Questions([SHOP]), asking))
    assert not [found for found in said.findings if found.check.startswith("mail_from_")]
    assert said.gaps["mail_from_exchanger", f"identity:{SHOP}"] == "the look-up timed out"


def test_a_broken_signature_is_told_from_a_broken_server(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text("bogus.example", SPF)
    zone.fail("bogus.example", "bogus")
    zone.fail("broken.example", "servfail")
    zone.fail("tired.example", "hiccup")
    findings = ask("bogus.example", "broken.example", "tired.example", SHOP).findings
    found = [one for one in findings if one.check == "dnssec"]
    assert [(one.resource, one.impact) for one in found] == [("identity:bogus.example", "HIGH")]


def test_exchangers_have_addresses(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.exchange(SHOP, "a.example", "b.example", "gone.example")
    zone.address_of("a.example", "192.0.2.1")
    zone.address_of("b.example", "2001:db8::1")
    (found,) = [one for one in ask().findings if one.check == "mx_dead"]
    assert found.title == f"Mail exchangers of {SHOP} have no address: gone.example."


LISTS = {"ip_blocklists": ["bl.example"], "domain_blocklists": ["dbl.example"]}


@pytest.mark.parametrize(
    ("address", "checks", "gaps"),
    [
        (None, set(), set()),
        ("127.0.0.2", {"ip_blocklist", "domain_blocklist"}, set()),
        ("127.255.255.254", set(), {"ip_blocklist", "domain_blocklist"}),
        ("192.0.2.80", set(), {"ip_blocklist", "domain_blocklist"}),
    ],
)
def test_blocklists(
    address: str | None, checks: set[str], gaps: set[str], zone: NameServer, settings: Settings
) -> None:
    publish_everything(zone, SHOP)
    for name in ("9.2.0.192.bl.example", f"{SHOP}.dbl.example") if address else ():
        zone.address_of(name, address or "")
        zone.text(name, "listed for \x1b[31mthis")
    said = judge(look_up_all(Questions([SHOP], ["192.0.2.9"]), adjust(settings, **LISTS).dns))
    found = [one for one in said.findings if one.check.endswith("_blocklist")]
    assert {one.check for one in found} == checks
    assert {one.kind for one in found} <= {"bl.example", "dbl.example"}
    assert all("listed for" in str(one.evidence["records"]) and "\x1b" not in str(one.evidence) for one in found)
    assert {check for check, _ in said.gaps if check.endswith("_blocklist")} == gaps


def test_an_address_of_the_sixth_version_is_asked_about_backwards(zone: NameServer, settings: Settings) -> None:
    look_up_all(Questions(addresses=["2001:db8::1"]), adjust(settings, **LISTS).dns)
    (asked,) = {name for name, _ in zone.asked if name.endswith(".bl.example")}
    assert asked == "1." + "0." * 23 + "8.b.d.0.1.0.0.2.bl.example"


def test_no_blocklist_is_asked_unless_it_is_set(zone: NameServer, settings: Settings) -> None:
    said = judge(look_up_all(Questions([SHOP], ["192.0.2.9"]), settings.dns))
    assert not [name for name, _ in zone.asked if "bl." in name]
    assert ("ip_blocklist", "ip:192.0.2.9") in said.checked


def test_domains_that_the_settings_name_are_looked_up_though_nothing_was_sent(
    folder: Path, zone: NameServer, settings: Settings
) -> None:
    named = adjust(settings, selectors={"*": ["s1"], SHOP: ["s1"]}, mail_from={"acme.example": "bounce.acme.example"})
    for domain in ("acme.example", SHOP):
        publish_everything(zone, domain)
    zone.exchange("bounce.acme.example", MX)
    with Warehouse(folder) as lake:
        advice = advise(lake, named, day=DAY, now=NOW)
    assert {(one.check, one.resource) for one in advice.findings} == {("mail_from_spf", "identity:acme.example")}
    assert (SHOP, "TXT") in zone.asked


def test_keys_and_domains_that_mail_names_are_looked_up(
    dumps: Path, folder: Path, zone: NameServer, settings: Settings
) -> None:
    signed = [{"name": "DKIM-Signature", "value": f"v=1; d={domain}; s=k9; bh=x"} for domain in ("acme.example", SHOP)]
    send = change(change(read_fixture("send"), "mail.headers", signed), "mail.tags.ses:from-domain", [SHOP])
    write_dump(dumps / "object", as_lines([send]))
    for domain in ("acme.example", SHOP):
        publish_everything(zone, domain)
    zone.text("k9._domainkey.acme.example", f"v=DKIM1; p={make_key(1024)}")
    with Warehouse(folder) as lake:
        ingest(lake, list_objects([str(dumps)]), now=NOW)
        build_marts(lake, now=NOW)
        advice = advise(lake, settings, day=DAY, now=NOW)
    assert {(one.check, one.resource, one.kind) for one in advice.findings} == {
        ("dkim_length", "identity:acme.example", "k9"),
        ("dkim_missing", f"identity:{SHOP}", "k9"),
        ("from_domain", "identity:acme.example", SHOP),
    }
