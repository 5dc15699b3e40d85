from __future__ import annotations

import doctest
from collections.abc import Callable

import pytest

from advisor.nameserver import NameServer, publish_everything
from mailgauge import (
    advisor,
    alignment,
    bimi_records,
    dkim_keys,
    dmarc_records,
    dns,
    findings,
    mail_from,
    postmaster,
    spf_records,
)
from mailgauge.advisor import Advice
from mailgauge.authentication import look_up_dmarc, look_up_spf
from mailgauge.domain_lookups import look_up_all
from mailgauge.errors import UsageError
from mailgauge.facts import Questions
from mailgauge.settings import DnsSettings, Settings

SHOP = "shop.example"
DKIM = f"s1._domainkey.{SHOP}"
NAMES = (SHOP, DKIM, f"_dmarc.{SHOP}", f"default._bimi.{SHOP}")
MISSING = {
    "spf_missing",
    "dkim_missing",
    "dmarc_missing",
    "bimi_missing",
    "mx_missing",
}


def kinds(advice: Advice) -> set[str]:
    return {found.check for found in advice.findings}


def test_a_domain_that_publishes_everything_has_no_finding(zone: NameServer, ask: Callable[..., Advice]) -> None:
    publish_everything(zone, SHOP)
    assert ask() == Advice([], [], 0, 0)


def test_a_domain_that_publishes_nothing_lacks_everything_high_first(ask: Callable[..., Advice]) -> None:
    advice = ask(f"bob@{SHOP}", SHOP.upper())
    assert kinds(advice) == MISSING
    assert [found.impact for found in advice.findings] == ["HIGH", "HIGH", "HIGH", "LOW", "LOW"]
    assert {found.resource for found in advice.findings} == {f"identity:{SHOP}"}
    assert {found.title for found in advice.findings} == {
        "SPF record was not found.",
        "DKIM record was not found.",
        "DMARC configuration was not found.",
        "BIMI record not found or configured without default selector.",
        f"{SHOP} can take no mail: it has neither MX nor address.",
    }
    assert all(found.remedy and found.reference_urls for found in advice.findings)


def test_names_that_exist_without_txt_records_lack_them_too(zone: NameServer, ask: Callable[..., Advice]) -> None:
    for name in NAMES:
        zone.host(name)
    assert kinds(ask()) == MISSING - {"mx_missing"}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("silence", "the look-up timed out"),
        ("servfail", "the name server said SERVFAIL"),
        ("refused", "the name server said REFUSED"),
    ],
)
def test_a_failed_look_up_is_not_checked_and_never_missing(
    zone: NameServer, quick: Settings, how: str, words: str
) -> None:
    for name in NAMES:
        zone.fail(name, how)
    advice = advisor.check_domains(quick, [SHOP])
    assert advice.findings == []
    assert advice.not_checked == [f"BIMI, DKIM, DMARC, DNSSEC, MX and SPF not checked for {SHOP}: {words}."]


def test_what_cannot_be_asked_does_not_hide_what_can(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.fail(f"_dmarc.{SHOP}", "servfail")
    advice = ask()
    assert kinds(advice) == {"spf_missing", "dkim_missing", "mx_missing", "bimi_missing"}
    assert len(advice.not_checked) == 1  # BIMI is missing, and where it needs DMARC it is not checked


@pytest.mark.parametrize("parent", ["_dmarc.example", f"_dmarc.{SHOP}"])
def test_dmarc_is_not_missing_while_a_parent_cannot_be_asked(
    zone: NameServer, ask: Callable[..., Advice], parent: str
) -> None:
    zone.fail(parent, "servfail")
    advice = ask(f"news.{SHOP}")
    assert "dmarc_missing" not in kinds(advice)
    assert any(sentence.startswith("BIMI and DMARC not checked") for sentence in advice.not_checked)


def test_an_spf_include_that_cannot_be_asked_is_not_checked(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(SHOP, "v=spf1 include:amazonses.com include:slow.example ~all")
    zone.fail("slow.example", "servfail")
    advice = ask()
    assert not any(found.check.startswith("spf_") for found in advice.findings)
    assert any("SERVFAIL (slow.example)" in sentence for sentence in advice.not_checked)


def test_a_silent_resolver_is_given_up_instead_of_waited_for(zone: NameServer, quick: Settings) -> None:
    domains = [f"d{number}.example" for number in range(60)]
    prefixes = ("", "s1._domainkey.", "_dmarc.", "default._bimi.")
    for name in ["_dmarc.example", *(f"{prefix}{domain}" for domain in domains for prefix in prefixes)]:
        zone.fail(name, "silence")
    advice = advisor.check_domains(quick, domains)
    assert advice.findings == []
    assert any("the resolver does not answer" in sentence for sentence in advice.not_checked)
    assert any(" more: " in sentence for sentence in advice.not_checked)
    assert len(advice.not_checked) <= 6
    assert len({name for name, _ in zone.asked}) < 60


def test_without_selectors_dkim_is_not_checked(zone: NameServer, settings: Settings) -> None:
    publish_everything(zone, SHOP)
    bare = settings.model_copy(update={"dns": DnsSettings(resolver=zone.address)})
    advice = advisor.check_domains(bare, [SHOP])
    assert advice.findings == []
    assert advice.not_checked == [f"DKIM not checked for {SHOP}: no DKIM selectors are set (dns.selectors)."]


def test_a_domain_with_selectors_of_its_own_is_asked_for_these(settings: Settings) -> None:
    own = settings.dns.model_copy(update={"selectors": {SHOP: ["a", "b"], "*": ["s1"]}})
    advice = advisor.check_domains(settings.model_copy(update={"dns": own}), [SHOP])
    (found,) = [found for found in advice.findings if found.check.startswith("dkim_")]
    assert (found.check, found.title) == ("dkim_not_enabled", "DKIM verification is not enabled.")


@pytest.mark.parametrize(
    "name",
    ["no name..", "a" * 64 + ".example", "x." * 140 + "x", "*.example", "a b.example", "-", "com", "\x1b[31m.example"],
)
def test_what_is_no_domain_name_is_not_checked(ask: Callable[..., Advice], name: str) -> None:
    advice = ask(name)
    assert advice.findings == []
    assert len(advice.not_checked) == 1
    assert all(sentence.isprintable() for sentence in advice.not_checked)


def test_a_name_in_unicode_is_asked_about_in_ascii(ask: Callable[..., Advice]) -> None:
    assert {found.resource for found in ask("bücher.example").findings} == {"identity:xn--bcher-kva.example"}


def test_dkim_is_followed_through_several_aliases(zone: NameServer, ask: Callable[..., Advice]) -> None:
    publish_everything(zone, SHOP)
    zone.records[DKIM] = []
    zone.alias(DKIM, "one.example")
    zone.alias("one.example", "two.example")
    zone.alias("two.example", "s1.dkim.amazonses.com")
    assert ask().findings == []


def test_an_alias_that_leads_nowhere_is_a_failed_verification(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.alias(DKIM, "gone.dkim.amazonses.com")
    (found,) = [found for found in ask().findings if found.check.startswith("dkim_")]
    assert (found.check, found.kind, found.title) == ("dkim_failed", "s1", "DKIM verification has failed.")
    assert found.evidence["alias"] == "gone.dkim.amazonses.com"


def test_an_endless_chain_of_aliases_is_not_checked(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.alias(DKIM, "one.example")
    zone.alias("one.example", DKIM)
    advice = ask()
    assert "dkim_missing" not in kinds(advice)
    assert any(sentence.startswith("DKIM not checked") for sentence in advice.not_checked)


def test_long_records_come_over_tcp(zone: NameServer, ask: Callable[..., Advice]) -> None:
    publish_everything(zone, SHOP)
    networks = " ".join(f"ip4:192.0.2.{number % 256}" for number in range(700))
    zone.records[SHOP] = []
    zone.host(SHOP)
    zone.text(SHOP, f"v=spf1 {networks} include:amazonses.com ~all", "x" * 10_000)
    assert ask() == Advice([], [], 0, 0)


def test_who_gets_the_reports_is_asked_one_thing(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(f"_dmarc.{SHOP}", "v=DMARC1; p=reject; rua=mailto:a@elsewhere.example")
    ask()
    assert [name for name, _ in zone.asked if "elsewhere" in name] == [f"{SHOP}._report._dmarc.elsewhere.example"]


def test_what_two_domains_share_is_read_for_both(zone: NameServer, settings: Settings) -> None:
    zone.text("shared.example", "v=spf1 include:amazonses.com -all")
    zone.text("_dmarc.two.example", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    for domain in (SHOP, "other.example"):
        zone.text(domain, "v=spf1 include:shared.example ~all")
    lookups = dns.Lookups(settings.dns)
    spf = [look_up_spf(lookups, domain) for domain in (SHOP, "other.example")]
    assert [answer.includes for answer in spf] == [("shared.example", "amazonses.com")] * 2
    dmarc = [look_up_dmarc(lookups, domain) for domain in ("a.two.example", "b.two.example")]
    assert [answer.problem for answer in dmarc] == ["several"] * 2


def test_nothing_is_asked_twice_in_a_run(zone: NameServer, ask: Callable[..., Advice]) -> None:
    publish_everything(zone, SHOP)
    ask()
    texts = [name for name, kind in zone.asked if kind == "TXT"]
    assert len(texts) == len(set(texts))


def test_every_run_asks_anew_and_asks_whom_it_is_told_to(zone: NameServer, settings: Settings) -> None:
    assert kinds(advisor.check_domains(settings, [SHOP])) == MISSING
    publish_everything(zone, SHOP)
    nowhere = settings.model_copy(update={"dns": settings.dns.model_copy(update={"resolver": "192.0.2.1"})})
    assert advisor.check_domains(nowhere, [SHOP], zone.address).findings == []


def test_many_domains_are_asked_about_at_once(zone: NameServer, settings: Settings) -> None:
    domains = [f"d{number}.example" for number in range(40)]
    for domain in domains[1:]:
        publish_everything(zone, domain)
    advice = advisor.check_domains(settings, domains)
    assert {found.resource for found in advice.findings} == {"identity:d0.example"}


@pytest.mark.parametrize("text", ["", ":53", "host:0", "host:99999", "[::1]:x", "[]", "127.0.0.1:٣"])
def test_a_resolver_that_cannot_be_read_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="resolver"):
        dns.parse_resolver(text)


def test_a_resolver_without_an_address_is_wrong_usage(settings: Settings) -> None:
    with pytest.raises(UsageError, match="has no address"):
        advisor.check_domains(settings, [SHOP], "no such host:5353")


def test_a_resolver_can_have_a_name(zone: NameServer, settings: Settings) -> None:
    publish_everything(zone, SHOP)
    address = zone.address.replace("127.0.0.1", "localhost")
    assert advisor.check_domains(settings, [SHOP], address).findings == []


@pytest.mark.parametrize(
    "module", [alignment, dns, findings, bimi_records, dkim_keys, dmarc_records, mail_from, postmaster, spf_records]
)
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    done = doctest.testmod(module)  # type: ignore[arg-type]
    assert done.attempted
    assert not done.failed


IP = "192.0.2.9"


@pytest.mark.parametrize(
    ("names", "addresses", "expected"),
    [
        ([], {}, ["reverse_dns_missing"]),
        (["mta.example"], {}, ["reverse_dns_unconfirmed"]),
        (["mta.example"], {"mta.example": ["192.0.2.8"]}, ["reverse_dns_unconfirmed"]),
        (["mta.example"], {"mta.example": ["192.0.2.8", IP]}, []),
        (["old.example", "mta.example"], {"mta.example": [IP]}, []),
        ([f"m{at}.example" for at in range(11)] + ["z.example"], {"z.example": [IP]}, ["reverse_dns_unconfirmed"]),
    ],
)
def test_an_address_has_a_name_that_leads_back(
    names: list[str], addresses: dict[str, list[str]], expected: list[str], zone: NameServer, settings: Settings
) -> None:
    zone.reverse(IP, *names)
    for name, found in addresses.items():
        zone.address_of(name, *found)
    said = advisor.judge(look_up_all(Questions(addresses=[IP]), settings.dns))
    assert [found.check for found in said.findings] == expected
    assert ("reverse_dns_unconfirmed", f"ip:{IP}") in said.checked


def test_an_address_of_the_sixth_version_is_confirmed_however_it_is_written(
    zone: NameServer, settings: Settings
) -> None:
    zone.reverse("2001:db8::1", "mta.example")
    zone.address_of("mta.example", "2001:db8:0:0::1")
    said = advisor.judge(look_up_all(Questions(addresses=["2001:0db8::1"]), settings.dns))
    assert (said.findings, len(said.checked)) == ([], 3)


@pytest.mark.parametrize("name", ["9.2.0.192.in-addr.arpa", "mta.example"])
@pytest.mark.parametrize("how", ["servfail", "silence"])
def test_an_address_whose_look_up_fails_is_not_checked(name: str, how: str, zone: NameServer, quick: Settings) -> None:
    zone.reverse(IP, "mta.example")
    zone.fail(name, how)
    said = advisor.judge(look_up_all(Questions(addresses=[IP, "no address"]), quick.dns))
    assert said.findings == []
    assert {("reverse_dns_unconfirmed", f"ip:{IP}"), ("reverse_dns_missing", "ip:no address")} <= set(said.gaps)
    assert ("reverse_dns_unconfirmed", f"ip:{IP}") not in said.checked


def test_a_hostile_name_of_an_address_is_made_harmless(zone: NameServer, settings: Settings) -> None:
    zone.reverse(IP, "\x1b[2J<script>.example")
    (found,) = advisor.judge(look_up_all(Questions(addresses=[IP]), settings.dns)).findings
    assert found.title.isprintable()
    assert "<script>" in found.title


def test_a_budget_of_a_domain_leaves_the_others_theirs(zone: NameServer, settings: Settings) -> None:
    few = settings.dns.model_copy(update={"most_look_ups_a_domain": 6})
    publish_everything(zone, "good.example")
    zone.text(SHOP, "v=spf1 " + " ".join(f"include:i{at}.example" for at in range(9)) + " include:amazonses.com ~all")
    for at in range(9):
        zone.text(f"i{at}.example", "v=spf1 mx a exists:x.example -all")
    said = advisor.judge(look_up_all(Questions([SHOP, "good.example"]), few))
    assert (
        "the budget of look-ups is used up (dns.most_look_ups_a_domain)" in said.gaps["spf_syntax", f"identity:{SHOP}"]
    )
    assert {finding.resource for finding in said.findings} <= {f"identity:{SHOP}"}
    assert ("spf_syntax", "identity:good.example") in said.checked
    assert ("spf_syntax", f"identity:{SHOP}") not in said.checked


def test_the_budget_of_a_run_ends_it_without_a_finding(zone: NameServer, settings: Settings) -> None:
    few = settings.dns.model_copy(update={"most_look_ups": 3})
    said = advisor.judge(look_up_all(Questions([f"d{at}.example" for at in range(20)]), few))
    assert len(zone.asked) == 3
    assert len(said.findings) <= 3
    assert sum("(dns.most_look_ups)" in reason for reason in said.gaps.values()) >= 4 * 20 - 3


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda zone: zone.exchange(SHOP, "mx.example", "mx2.example"), {"mx_dead"}),
        (lambda zone: zone.address_of(SHOP, "192.0.2.1"), set()),
        (lambda zone: zone.address_of(SHOP, "2001:db8::1"), set()),
        (lambda zone: zone.exchange(SHOP, ""), {"mx_null"}),
        (lambda zone: zone.text(SHOP, "x"), {"mx_missing"}),
        (lambda zone: zone.fail(SHOP, "servfail"), set()),
    ],
)
def test_a_domain_takes_mail_by_an_exchanger_or_an_address(
    prepare: Callable[[NameServer], None], expected: set[str], zone: NameServer, ask: Callable[..., Advice]
) -> None:
    prepare(zone)
    assert {kind for kind in kinds(ask()) if kind.startswith("mx_")} == expected


@pytest.mark.parametrize(
    ("sts", "reports", "expected"),
    [
        ([], [], set()),
        (["v=STSv1; id=20260101T1;"], ["v=TLSRPTv1; rua=mailto:a@shop.example"], set()),
        (["v=STSv1; id=20260101"], [], {"tls_rpt_missing"}),
        (["v=STSv1;"], ["v=TLSRPTv1;rua=https://a.example"], {"mta_sts_record"}),
        (["v=STSv1; id=not a name", "other"], ["v=TLSRPTv1; rua=a@shop.example"], {"mta_sts_record", "tls_rpt_record"}),
        (
            ["v=STSv1; id=1", "v=STSv1; id=2"],
            [f"v=TLSRPTv1; rua=mailto:{at}" for at in "ab"],
            {"mta_sts_record", "tls_rpt_record"},
        ),
        (["v=STSv2; id=1"], ["hello"], set()),
    ],
)
def test_records_on_transport_are_read_where_they_are(
    sts: list[str], reports: list[str], expected: set[str], zone: NameServer, ask: Callable[..., Advice]
) -> None:
    publish_everything(zone, SHOP)
    zone.text(f"_mta-sts.{SHOP}", *sts)
    zone.text(f"_smtp._tls.{SHOP}", *reports)
    found = ask().findings
    assert {one.check for one in found} == expected
