"""Every check of DNS fails and passes against a real authoritative server, through a real resolver that validates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from advisor import authority, webserver
from advisor.authority import quote
from advisor.nameserver import make_key
from advisor.webserver import LOGO, Files, make_authority, make_mark, write_pem
from mailgauge import advisor
from mailgauge.advisor import Judgement
from mailgauge.checks import list_checks
from mailgauge.domain_lookups import look_up_all
from mailgauge.facts import AddressAnswers, DomainAnswers, MailFromAnswers, Questions
from mailgauge.kept_answers import Memory
from mailgauge.settings import DnsSettings, Settings

pytestmark = pytest.mark.skipif(
    not all(map(authority.find_program, authority.PROGRAMS)), reason="nsd and unbound are not installed"
)

NOW = datetime(2026, 3, 31, 6)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
OF_DNS = {check.NAME for check in list_checks() if check.FACTS in {DomainAnswers, MailFromAnswers, AddressAnswers}}
SPF, SES = "v=spf1 include:amazonses.com ~all", "s1.dkim.amazonses.com."
MX = "10 feedback-smtp.eu-west-1.amazonses.com."
GOOD_IP, LISTED, UNCONFIRMED, NAMELESS = "192.0.2.9", "192.0.2.10", "192.0.2.11", "192.0.2.12"
WEB = "web.example"
VOID = "a:no1.example a:no2.example a:no3.example"
MANY = " ".join(f"a:ok{at}.example" for at in range(11))


@dataclass
class Case:
    """A domain below example: what it publishes other than a right one does, and the checks that find something."""

    found: set[str]
    spf: list[str | bytes] = field(default_factory=lambda: [SPF])
    dkim: list[str] | None = None
    """Instead of the alias that leads to Amazon's key."""
    dmarc: list[str | bytes] = field(default_factory=lambda: ["v=DMARC1; p=reject; rua=mailto:dmarc@ok1.example"])
    bimi: list[str] = field(default_factory=lambda: ["v=BIMI1; l=; a="])
    mx: list[str] = field(default_factory=lambda: ["10 mx.example."])
    more: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Other records, by what stands before the domain and by type."""
    mail_from: dict[str, list[str]] | None = None
    """The records of its MAIL FROM domain, where that is another than what is right."""


def key(bits: int = 2048, tags: str = "") -> str:
    return f"v=DKIM1; {tags}p={make_key(bits)}"


def sts(*records: str) -> dict[tuple[str, str], list[str]]:
    return {("_mta-sts.", "TXT"): [quote(record) for record in records]}


def rpt(*records: str) -> dict[tuple[str, str], list[str]]:
    return {("_smtp._tls.", "TXT"): [quote(record) for record in records]}


def shown(path: str, certificate: str = "") -> list[str]:
    """A BIMI record whose files are on the web server; the port stands in once it is known."""
    return [f"v=BIMI1; l=https://{WEB}:PORT/{path}; a={f'https://{WEB}:PORT/{certificate}' if certificate else ''}"]


RIGHT = Case(
    set(),
    bimi=shown("logo.svg", "good.pem"),
    more=sts("v=STSv1; id=1;") | rpt("v=TLSRPTv1; rua=mailto:a@ok1.example"),
)
CASES = {
    "right": RIGHT,
    "spf-missing": Case({"spf_missing"}, spf=["other=1"]),
    "spf-several": Case({"spf_several"}, spf=[SPF, "v=spf1 -all"]),
    "spf-syntax": Case({"spf_syntax"}, spf=["v=spf1 include:amazonses.com ip4:300.1.1.1 ~all"]),
    "spf-look-ups": Case({"spf_look_ups"}, spf=[f"v=spf1 include:amazonses.com {MANY} ~all"]),
    "spf-room": Case({"spf_room"}, spf=[f"v=spf1 include:amazonses.com {MANY.rsplit(' ', 2)[0]} ~all"]),
    "spf-voids": Case({"spf_voids"}, spf=[f"v=spf1 include:amazonses.com {VOID} ~all"]),
    "spf-loop": Case({"spf_loop"}, spf=["v=spf1 include:amazonses.com include:spf-loop.example ~all"]),
    "spf-all": Case({"spf_all"}, spf=["v=spf1 include:amazonses.com ?all"]),
    "spf-pass": Case({"spf_pass_all"}, spf=["v=spf1 include:amazonses.com +all"]),
    "spf-ptr": Case({"spf_ptr"}, spf=["v=spf1 include:amazonses.com ptr ~all"]),
    "spf-other": Case({"spf_amazonses"}, spf=["v=spf1 ip4:192.0.2.1 -all"]),
    "dkim-missing": Case({"dkim_not_enabled"}, dkim=[]),
    "dkim-failed": Case({"dkim_failed"}, dkim=[], more={("s1._domainkey.", "CNAME"): ["gone.dkim.amazonses.com."]}),
    "dkim-one": Case({"dkim_missing"}, dkim=["v=spf1 -all"]),
    "dkim-revoked": Case({"dkim_revoked"}, dkim=["v=DKIM1; p="]),
    "dkim-syntax": Case({"dkim_syntax"}, dkim=[key()[:-41]]),
    "dkim-short": Case({"dkim_too_short"}, dkim=[key(768)]),
    "dkim-length": Case({"dkim_length"}, dkim=[key(1024)]),
    "dkim-testing": Case({"dkim_testing"}, dkim=[key(tags="t=y; ")]),
    "dkim-hash": Case({"dkim_hash"}, dkim=[key(tags="h=sha1; ")]),
    "dkim-service": Case({"dkim_service"}, dkim=[key(tags="s=tlsrpt; ")]),
    "dkim-several": Case({"dkim_several"}, dkim=[key(), key(4096)]),
    "dkim-ed25519": Case({"dkim_ed25519"}, dkim=[f"v=DKIM1; k=ed25519; p={'A' * 43}="]),
    "dmarc-missing": Case({"dmarc_missing"}, dmarc=[]),
    "dmarc-several": Case({"dmarc_several"}, dmarc=["v=DMARC1; p=none", "v=DMARC1; p=reject"]),
    "dmarc-syntax": Case({"dmarc_syntax"}, dmarc=["v=DMARC1; p=maybe"]),
    "dmarc-policy": Case({"dmarc_policy"}, dmarc=["v=DMARC1; p=none; rua=mailto:a@ok1.example"]),
    "dmarc-no-p": Case({"dmarc_policy", "dmarc_policy_missing"}, dmarc=["v=DMARC1; rua=mailto:a@ok1.example"]),
    "dmarc-testing": Case({"dmarc_testing"}, dmarc=["v=DMARC1; p=reject; t=y; rua=mailto:a@ok1.example"]),
    "dmarc-weak": Case({"dmarc_subdomains"}, dmarc=["v=DMARC1; p=reject; np=none; rua=mailto:a@ok1.example"]),
    "dmarc-psd": Case({"dmarc_public_suffix"}, dmarc=["v=DMARC1; p=reject; psd=y; rua=mailto:a@ok1.example"]),
    "dmarc-reports": Case({"dmarc_reports"}, dmarc=["v=DMARC1; p=reject"]),
    "dmarc-address": Case({"dmarc_report_address"}, dmarc=["v=DMARC1; p=reject; rua=mailto:a@ok2.example"]),
    "dmarc-obsolete": Case({"dmarc_obsolete_tags"}, dmarc=["v=DMARC1; p=reject; pct=50; rua=mailto:a@ok1.example"]),
    "news.dmarc-below": Case({"dmarc_ignored_tags"}, dmarc=["v=DMARC1; p=reject; sp=reject; rua=mailto:a@ok1.example"]),
    "bimi-missing": Case({"bimi_missing"}, bimi=[]),
    "bimi-syntax": Case({"bimi_syntax"}, bimi=["v=BIMI1; l=http://web.example/logo.svg"]),
    "bimi-policy": Case(
        {"bimi_policy", "dmarc_policy"}, dmarc=["v=DMARC1; p=none; rua=mailto:a@ok1.example"],
        bimi=shown("logo.svg", "good.pem"),
    ),
    "bimi-alone": Case({"bimi_certificate"}, bimi=shown("logo.svg")),
    "bimi-gone": Case({"bimi_logo_gone", "bimi_certificate_gone"}, bimi=shown("gone.svg", "gone.pem")),
    "bimi-logo": Case({"bimi_logo", "bimi_mark"}, bimi=shown("bad.svg", "good.pem")),
    "bimi-certificate": Case({"bimi_certificate_wrong"}, bimi=shown("logo.svg", "other.pem")),
    "bimi-dates": Case({"bimi_certificate_dates"}, bimi=shown("logo.svg", "old.pem")),
    "mx-missing": Case({"mx_missing"}, mx=[]),
    "mx-null": Case({"mx_null"}, mx=["0 ."]),
    "mx-dead": Case({"mx_dead"}, mx=["10 gone.example."]),
    "sts": Case({"mta_sts_record"}, more=sts("v=STSv1; id=no name") | rpt("v=TLSRPTv1; rua=mailto:a@ok1.example")),
    "sts-alone": Case({"tls_rpt_missing"}, more=sts("v=STSv1; id=1;")),
    "rpt": Case({"tls_rpt_record"}, more=rpt("v=TLSRPTv1; rua=a@ok1.example")),
    "listed": Case({"domain_blocklist"}),
    "from-exchanger": Case({"mail_from_exchanger"}, mail_from={"TXT": [quote(SPF)], "MX": ["10 mx.example."]}),
    "from-region": Case(
        {"mail_from_region"}, mail_from={"TXT": [quote(SPF)], "MX": ["10 feedback-smtp.us-east-1.amazonses.com."]}
    ),
    "from-spf": Case({"mail_from_spf"}, mail_from={"TXT": [quote("v=spf1 -all")], "MX": [MX]}),
    "from-alignment": Case(
        {"mail_from_alignment"}, dmarc=["v=DMARC1; p=reject; aspf=s; rua=mailto:a@ok1.example"],
        mail_from={"TXT": [quote(SPF)], "MX": [MX]},
    ),
    # What is hard to read, and right or wrong all the same.
    "huge": Case(set(), spf=[SPF, "x" * 10_000]),
    "largest": Case(set(), spf=[SPF, "x" * 64_000]),
    "hostile": Case({"dmarc_syntax"}, dmarc=[b"v=DMARC1; p=\x1b[31m<script>alert(1)</script>"]),
    "xn--bcher-kva": Case(set()),
}  # fmt: skip


@dataclass
class Internet:
    """What was asked once: judged, and by whom it can be asked again."""

    said: Judgement
    resolver: str


def build(domain: str, case: Case, port: int) -> dict[tuple[str, str], list[str]]:
    """The records of a case, relative to example."""
    found = {
        (domain, "TXT"): [quote(text) for text in case.spf],
        (domain, "MX"): case.mx,
        (f"_dmarc.{domain}", "TXT"): [quote(text) for text in case.dmarc],
        (f"default._bimi.{domain}", "TXT"): [quote(text.replace("PORT", str(port))) for text in case.bimi],
        (f"{domain}.example._report._dmarc.ok1", "TXT"): [quote("v=DMARC1")],
    }
    if case.dkim is None:
        found[f"s1._domainkey.{domain}", "CNAME"] = [f"one.{domain}"]
        found |= {(f"one.{domain}", "CNAME"): [f"two.{domain}"], (f"two.{domain}", "CNAME"): [SES]}
    else:
        found[f"s1._domainkey.{domain}", "TXT"] = [quote(text) for text in case.dkim]
    bounce = case.mail_from or {"TXT": [quote(SPF)], "MX": [MX]}
    found |= {(f"bounce.{domain}", kind): records for kind, records in bounce.items()}
    return found | {(f"{before}{domain}", kind): texts for (before, kind), texts in case.more.items()}


def make_zones(port: int) -> dict[str, authority.Zone]:
    """All zones."""
    example: dict[tuple[str, str], list[str]] = {
        ("mx", "A"): ["192.0.2.1"],
        ("web", "A"): [webserver.HOST],
        ("mta", "A"): [GOOD_IP, LISTED],
        ("elsewhere", "A"): ["192.0.2.99"],
        ("listed.example.dbl", "A"): ["127.0.1.2"],
        ("10.2.0.192.bl", "A"): ["127.0.0.2"],
        ("10.2.0.192.bl", "TXT"): [quote("listed since Monday")],
        ("*.wild", "TXT"): [quote(SPF)],
        ("wild", "MX"): ["10 mx"],
        ("loop", "MX"): ["10 mx"],
        ("s1._domainkey.loop", "CNAME"): ["s1._domainkey2.loop"],
        ("s1._domainkey2.loop", "CNAME"): ["s1._domainkey.loop"],
    }
    example["signed.test._report._dmarc.ok1", "TXT"] = [quote("v=DMARC1")]
    example |= {(f"ok{at}", "A"): ["192.0.2.1"] for at in range(11)}
    for domain, case in CASES.items():
        example |= build(domain, case, port)
    amazon = {("@", "TXT"): [quote("v=spf1 ip4:199.255.192.0/22 -all")], ("s1.dkim", "TXT"): [quote(key())]}
    reverse = {("9", "PTR"): ["mta.example."], ("10", "PTR"): ["mta.example."], ("11", "PTR"): ["elsewhere.example."]}
    whole = build("@", RIGHT, port)
    inner = {
        (name.removesuffix(".@"), kind): [text.replace(".@", "") for text in texts]
        for (name, kind), texts in whole.items()
    }
    return {
        "example": example,
        "amazonses.com": amazon,
        "2.0.192.in-addr.arpa": reverse,
        "signed.test": inner,
        "bogus.test": inner,
    }


@pytest.fixture(scope="module")
def internet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    """Everything asked once."""
    folder = tmp_path_factory.mktemp("internet")
    with webserver.serving(folder, WEB) as files:
        prepare(files, folder)
        zones = make_zones(files.port)
        with authority.serving(folder, zones, signed="signed.test", broken="bogus.test", dead="lame.test") as resolver:
            asking = DnsSettings(
                resolver=resolver,
                selectors={"*": ["s1"], "dkim-missing.example": ["s1", "s2"]},
                mail_from={f"{name}.example": f"bounce.{name}.example" for name in CASES},
                ip_blocklists=["bl.example"],
                domain_blocklists=["dbl.example"],
                bimi_ca_file=files.ca_file,
                bimi_mark_ca_file=folder / "marks.pem",
                bimi_networks=[ip_network(webserver.HOST)],
            )
            names = [f"{name}.example" for name in (*CASES, "wild", "loop")]
            questions = Questions(
                [*names, "bücher.example", "signed.test", "bogus.test", "lame.test"],
                [GOOD_IP, LISTED, UNCONFIRMED, NAMELESS],
                regions={name: ["eu-west-1"] for name in names},
            )
            yield Internet(advisor.judge(look_up_all(questions, asking)), resolver)


def prepare(files: Files, folder: Path) -> None:
    """Put logos and certificates onto the web server."""
    root, private = make_authority()
    write_pem(folder / "marks.pem", root)
    domains = [f"{name}.example" for name in ("right", "bimi-policy", "bimi-logo", "bimi-dates")]
    files.paths |= {
        "/logo.svg": LOGO,
        "/bad.svg": LOGO.replace(b"tiny-ps", b"full"),
        "/good.pem": make_mark(root, private, [*domains, "signed.test"]),
        "/other.pem": make_mark(root, private, ["other.example"]),
        "/old.pem": make_mark(root, private, domains, starts=timedelta(days=-9), ends=timedelta(days=-2)),
    }


def find(internet: Internet, name: str) -> set[str]:
    """What is found about a domain or address."""
    return {one.check for one in internet.said.findings if one.resource.partition(":")[2] == name}


@pytest.mark.parametrize("name", CASES)
def test_a_domain_has_the_findings_that_it_asks_for(internet: Internet, name: str) -> None:
    assert find(internet, f"{name}.example") == CASES[name].found


def test_every_check_of_dns_fails_somewhere_and_passes_somewhere(internet: Internet) -> None:
    assert {one.check for one in internet.said.findings} == OF_DNS
    right = {"identity:right.example", f"ip:{GOOD_IP}"}
    assert not [one for one in internet.said.findings if one.resource in right]
    assert {gap: why for gap, why in internet.said.gaps.items() if gap[1] in right} == {}
    assert {check for check, resource, *_ in internet.said.checked if resource in right} == OF_DNS


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (GOOD_IP, set()),
        (LISTED, {"ip_blocklist"}),
        (UNCONFIRMED, {"reverse_dns_unconfirmed"}),
        (NAMELESS, {"reverse_dns_missing"}),
    ],
)
def test_an_address_has_the_findings_that_it_asks_for(internet: Internet, address: str, found: set[str]) -> None:
    assert find(internet, address) == found


def test_a_name_in_unicode_is_the_same_domain(internet: Internet) -> None:
    assert ("spf_missing", "identity:xn--bcher-kva.example") in internet.said.checked
    assert find(internet, "bücher.example") == set()


def test_a_wildcard_that_answers_for_every_name_hides_nothing(internet: Internet) -> None:
    missing = {"spf_missing", "dkim_missing", "dmarc_missing", "bimi_missing"}
    assert find(internet, "wild.example") == missing


def test_aliases_in_a_circle_are_not_checked(internet: Internet) -> None:
    assert not any(check.startswith("dkim_") for check in find(internet, "loop.example"))
    assert ("dkim_missing", "identity:loop.example") in internet.said.gaps


def test_a_zone_whose_signatures_hold_is_right_and_one_whose_do_not_is_broken(internet: Internet) -> None:
    assert find(internet, "signed.test") == set()
    assert find(internet, "bogus.test") == {"dnssec"}
    assert ("spf_missing", "identity:bogus.test") in internet.said.gaps


def test_a_domain_whose_servers_know_nothing_of_it_is_not_checked(internet: Internet) -> None:
    assert find(internet, "lame.test") == set()
    assert "SERVFAIL" in internet.said.gaps["spf_missing", "identity:lame.test"]


def test_all_that_a_real_resolver_says_is_kept_absence_too(internet: Internet) -> None:
    memory = Memory(internet.resolver, NOW)
    asking = DnsSettings(resolver=internet.resolver, selectors={"*": ["s1"]}, bimi_fetch=False)
    names = Questions(["right.example", "gone.example", "dmarc-missing.example", "signed.test"])
    first = look_up_all(names, asking, memory=memory)
    nobody = asking.model_copy(update={"resolver": "127.0.0.1:1", "timeout_seconds": 0.2})
    again = Memory(internet.resolver, NOW + timedelta(seconds=50), memory.list_rows())
    assert look_up_all(names, nobody, memory=again) == first
    stale = Memory(internet.resolver, NOW + timedelta(seconds=70), memory.list_rows())
    assert all(one.spf.gap for one in look_up_all(names, nobody, memory=stale) if isinstance(one, DomainAnswers))


def test_the_command_asks_the_resolver_that_it_is_told(internet: Internet) -> None:
    settings = Settings(dns=DnsSettings(selectors={"*": ["s1"]}))
    advice = advisor.check_domains(settings, ["spf-all.example"], internet.resolver)
    assert [one.check for one in advice.findings] == ["spf_all"]
