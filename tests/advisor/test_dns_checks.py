from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import PublicFormat

from advisor.nameserver import NameServer, make_key
from mailgauge.advisor import Advice
from mailgauge.findings import Finding

SHOP = "shop.example"
DKIM = f"s1._domainkey.{SHOP}"


def names(advice: Advice, topic: str) -> set[str]:
    """The checks that found something, without their first word."""
    return {found.check.removeprefix(topic) for found in advice.findings if found.check.startswith(topic)}


def find(advice: Advice, check: str) -> Finding:
    (found,) = [found for found in advice.findings if found.check == check]
    return found


SPF: dict[str, set[str]] = {
    "v=spf1 include:amazonses.com ~all": set(),
    "V=SPF1 INCLUDE:AmazonSES.com -ALL": set(),
    "v=spf1 include:nested.example -all": set(),
    "v=spf1 redirect=whole.example": set(),
    "v=spf1 ip4:192.0.2.1 -all": {"amazonses"},
    "v=spf1 include:amazonses.com": {"all"},
    "v=spf1 include:amazonses.com ?all": {"all"},
    "v=spf1 include:amazonses.com +all": {"pass_all"},
    "v=spf1 include:amazonses.com all": {"pass_all"},
    "v=spf1include:amazonses.com ~all": {"missing"},
    "v=spf10 include:amazonses.com ~all": {"missing"},
    "v=spf1 include:amazonses.com ip4:300.1.1.1 ~all": {"syntax"},
    "v=spf1 include:amazonses.com include:nowhere.example ~all": {"syntax"},
    "v=spf1 include:amazonses.com include:loop.example ~all": {"loop"},
    "v=spf1 include:amazonses.com a:no1.example a:no2.example a:no3.example ~all": {"voids"},
    "v=spf1 include:amazonses.com " + "a:ok.example " * 8 + "~all": set(),
    "v=spf1 include:amazonses.com " + "a:ok.example " * 9 + "~all": {"room"},
    "v=spf1 include:amazonses.com ptr ~all": {"ptr"},
    "v=spf1 include:amazonses.com -PTR:shop.example ~all": {"ptr"},
    "v=spf1 include:amazonses.com include:ptr.example ~all": set(),
    "v=spf1 include:amazonses.com " + "a:ok.example " * 10 + "~all": {"look_ups"},
    "v=spf1 " + "a:ok.example " * 10 + "~all": {"amazonses", "room"},
}


@pytest.mark.parametrize("record", SPF)
def test_spf(zone: NameServer, ask: Callable[..., Advice], record: str) -> None:
    zone.text("nested.example", "v=spf1 include:amazonses.com -all")
    zone.text("whole.example", "v=spf1 include:amazonses.com -all")
    zone.text("ptr.example", "v=spf1 ip4:192.0.2.9 -all")
    zone.text("loop.example", "v=spf1 include:loop.example -all")
    zone.host("ok.example")
    zone.text(SHOP, record)
    assert names(ask(), "spf_") == SPF[record]


def test_several_spf_records(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(SHOP, "v=spf1 include:amazonses.com ~all", "v=spf1 -all", "other")
    found = find(ask(), "spf_several")
    assert found.impact == "HIGH"
    assert found.evidence["records"] == ["v=spf1 include:amazonses.com ~all", "v=spf1 -all"]


def test_the_proposed_spf_record_keeps_what_is_there(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(SHOP, "v=spf1 ip4:192.0.2.1 -all")
    assert '"v=spf1 include:amazonses.com ip4:192.0.2.1 -all"' in find(ask(), "spf_amazonses").remedy


def test_the_proposed_spf_record_never_needs_an_eleventh_look_up(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.host("ok.example")
    zone.text(SHOP, "v=spf1 " + "a:ok.example " * 10 + "~all")
    found = find(ask(), "spf_amazonses")
    assert found.evidence["dns_lookups"] == 10
    assert "v=spf1 include:amazonses.com a:" not in found.remedy


DKIM_KEYS: dict[str, set[str]] = {
    f"v=DKIM1; k=rsa; p={make_key(2048)}": set(),
    f"p={make_key(2048, PublicFormat.PKCS1)}": set(),
    f"v=DKIM1; p={make_key(4096)}; t=s": set(),
    f"v=DKIM1; k=ed25519; p={'A' * 43}=": {"DKIM keys are of Ed25519 alone."},
    f"v=DKIM1; p={make_key(1024)}": {"DKIM signing key length is below 2048 bits."},
    f"v=DKIM1; p={make_key(1023)}": {"DKIM signing key length is below 1024 bits."},
    f"v=DKIM1; t=y:s; p={make_key(2048)}": {"DKIM record is in testing mode."},
    f"v=DKIM1; t=y; p={make_key(1024)}": {
        "DKIM signing key length is below 2048 bits.",
        "DKIM record is in testing mode.",
    },
    f"v=DKIM1; h=sha1; p={make_key(2048)}": {"DKIM key does not allow SHA-256."},
    f"v=DKIM1; h=sha1:SHA256; p={make_key(2048)}": set(),
    f"v=DKIM1; s=tlsrpt; p={make_key(2048)}": {"DKIM key is not for mail."},
    f"v=DKIM1; s=tlsrpt:email; p={make_key(2048)}": set(),
    "v=DKIM1; p=": {"DKIM key is revoked."},
    "v=DKIM1; k=rsa": {"DKIM record could not be parsed."},
    f"v=DKIM1; p={make_key(2048)[:-40]}": {"DKIM record could not be parsed."},
    f"v=DKIM1; p={make_key(2048)[:-41]}": {"DKIM record could not be parsed."},
    "v=DKIM1; p=***": {"DKIM record could not be parsed."},
    f"v=DKIM1; k=dsa; p={make_key(2048)}": {"DKIM record could not be parsed."},
    "v=DKIM1; k=ed25519; p=AAAA": {"DKIM record could not be parsed.", "DKIM keys are of Ed25519 alone."},
    "v=spf1 -all": {"DKIM record was not found."},
    "=;=;;": {"DKIM record was not found."},
}


@pytest.mark.parametrize("record", DKIM_KEYS, ids=lambda record: f"{record[:20]} {len(record)}")
def test_dkim(zone: NameServer, ask: Callable[..., Advice], record: str) -> None:
    zone.text(DKIM, record)
    advice = ask()
    found = [found for found in advice.findings if found.check.startswith("dkim_")]
    assert {one.title for one in found} == DKIM_KEYS[record]
    assert all(one.kind == "s1" for one in found)


@pytest.mark.parametrize(("bits", "impact"), [(1023, "HIGH"), (1024, "LOW"), (2047, "LOW")])
def test_the_impact_of_a_short_key(zone: NameServer, ask: Callable[..., Advice], bits: int, impact: str) -> None:
    zone.text(DKIM, f"v=DKIM1; p={make_key(bits)}")
    (found,) = [found for found in ask().findings if found.check.startswith("dkim_")]
    assert (found.impact, found.evidence["bits"]) == (impact, bits)


def test_several_dkim_records(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(DKIM, f"p={make_key(2048)}", f"v=DKIM1; p={make_key(1024)}", "v=spf1 -all")
    assert names(ask(), "dkim_") == {"several"}


DMARC: dict[str, set[str]] = {
    "v=DMARC1; p=reject; rua=mailto:a@shop.example": set(),
    "v=DMARC1;p=quarantine;rua=mailto:a@elsewhere.example": {"report_address"},
    "v=DMARC1;p=quarantine;rua=mailto:a@elsewhere.example,mailto:b@reports.example": {"report_address"},
    "v=DMARC1;p=quarantine;rua=mailto:a@reports.example!10m,mailto:b@mail.shop.example": set(),
    "v=DMARC1; p=none; rua=mailto:a@shop.example": {"policy"},
    "v=DMARC1; p=quarantine; t=y; rua=mailto:a@shop.example": {"policy"},
    "v=DMARC1; p=reject; t=y; rua=mailto:a@shop.example": {"testing"},
    "v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:a@shop.example": {"subdomains"},
    "v=DMARC1; p=quarantine; sp=reject; np=quarantine; rua=mailto:a@shop.example": set(),
    "v=DMARC1; p=reject; psd=y; rua=mailto:a@shop.example": {"public_suffix"},
    "v=DMARC1; p=reject; psd=n; rua=mailto:a@shop.example": set(),
    "v=DMARC1; rua=mailto:a@shop.example": {"policy", "policy_missing"},
    "v=DMARC1": {"syntax"},
    "v=DMARC1; p=maybe; rua=mailto:a@shop.example": {"syntax"},
    "v=DMARC1; p=reject; p=none": {"syntax"},
    "v=DMARC1; p=reject": {"reports"},
    "v=DMARC1; p=reject; pct=25; ri=60; rua=mailto:a@shop.example": {"obsolete_tags"},
    "v=DMARC1; p=reject; new=1; rua=mailto:a@shop.example": set(),
    "v=dmarc1; p=reject": {"missing"},
    "v=spf1 -all": {"missing"},
}


@pytest.mark.parametrize("record", DMARC)
def test_dmarc(zone: NameServer, ask: Callable[..., Advice], record: str) -> None:
    zone.text(f"_dmarc.{SHOP}", record)
    zone.text(f"{SHOP}._report._dmarc.reports.example", "v=DMARC1")
    assert names(ask(), "dmarc_") == DMARC[record]


def test_several_dmarc_records(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(f"_dmarc.{SHOP}", "v=DMARC1; p=reject; rua=mailto:a@shop.example", "v=DMARC1; p=none")
    assert len(find(ask(), "dmarc_several").evidence["records"]) == 2


@pytest.mark.parametrize(
    ("tags", "expected"),
    [("p=reject", set()), ("p=reject; sp=none", {"policy", "subdomains"}), ("p=none; sp=reject", set())],
)
def test_a_subdomain_stands_under_the_record_of_its_organisation(
    zone: NameServer, ask: Callable[..., Advice], tags: str, expected: set[str]
) -> None:
    zone.text(f"_dmarc.{SHOP}", f"v=DMARC1; {tags}; rua=mailto:a@shop.example")
    assert names(ask(f"a.b.news.{SHOP}"), "dmarc_") == expected


@pytest.mark.parametrize(("is_there", "expected"), [(True, {"subdomains"}), (False, {"policy", "subdomains"})])
def test_a_name_that_does_not_exist_stands_under_np(
    zone: NameServer, ask: Callable[..., Advice], is_there: bool, expected: set[str]
) -> None:
    zone.text(f"_dmarc.{SHOP}", "v=DMARC1; p=reject; sp=reject; np=none; rua=mailto:a@shop.example")
    if is_there:
        zone.host(f"news.{SHOP}")
    assert names(ask(f"news.{SHOP}"), "dmarc_") == expected


BIMI: dict[str, set[str]] = {
    "v=BIMI1; l=https://shop.example/logo.svg; a=https://shop.example/vmc.pem": set(),
    "v=BIMI1; l=https://shop.example/logo.svg; a=": {"certificate"},
    "v=BIMI1; l=https://shop.example/logo.svg; avp=personal": set(),
    "v=BIMI1; l=; a=;": set(),
    "v=BIMI1; l=http://shop.example/logo.svg": {"syntax"},
    "v=BIMI1; l=https://": {"syntax"},
    "v=BIMI1; l=https://[bad/logo.svg": {"syntax"},
    "v=BIMI1; a=https://shop.example/vmc.pem": {"syntax"},
    "v=BIMI1; l=https://a.example/; l=https://b.example/": {"syntax"},
    "v=BIMI2; l=https://shop.example/logo.svg": {"syntax"},
    "something else": {"missing"},
}


@pytest.mark.parametrize("record", BIMI)
def test_bimi(zone: NameServer, ask: Callable[..., Advice], record: str) -> None:
    zone.text(f"_dmarc.{SHOP}", "v=DMARC1; p=reject; rua=mailto:a@shop.example")
    zone.text(f"default._bimi.{SHOP}", record)
    assert names(ask(), "bimi_") == BIMI[record]


@pytest.mark.parametrize("policy", ["p=none", "p=reject; sp=none", "p=quarantine; t=y", "rua=mailto:a@shop.example"])
def test_bimi_needs_dmarc_to_be_enforced(zone: NameServer, ask: Callable[..., Advice], policy: str) -> None:
    zone.text(f"_dmarc.{SHOP}", f"v=DMARC1; {policy}")
    zone.text(f"default._bimi.{SHOP}", f"v=BIMI1; l=https://{SHOP}/logo.svg; a=https://{SHOP}/vmc.pem")
    assert names(ask(), "bimi_") == {"policy"}


def test_bimi_falls_back_to_the_organisational_domain(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(f"_dmarc.{SHOP}", "v=DMARC1; p=reject; rua=mailto:a@shop.example")
    zone.text(f"default._bimi.{SHOP}", f"v=BIMI1; l=https://{SHOP}/logo.svg")
    assert names(ask(f"news.{SHOP}"), "bimi_") == {"certificate"}


HOSTILE = "\x1b]0;pwned\x07<script>alert(1)</script>\x00\r\n\u202e\u200b".encode() + b"\xff\xfe"


def test_hostile_text_is_made_harmless(zone: NameServer, ask: Callable[..., Advice]) -> None:
    zone.text(SHOP, b"v=spf1 include:" + HOSTILE + b" +all")
    zone.text(DKIM, b"v=DKIM1; k=" + HOSTILE + b"; p=AAAA")
    zone.text(f"_dmarc.{SHOP}", b"v=DMARC1; p=" + HOSTILE)
    zone.text(f"default._bimi.{SHOP}", b"v=BIMI1; l=" + HOSTILE * 40)
    advice = ask()
    assert {found.check for found in advice.findings} >= {"spf_syntax", "dkim_syntax", "bimi_syntax"}
    for found in advice.findings:
        said = found.as_dict()
        texts = [said["title"], said["resource"], said["kind"], *said["evidence"].get("records", [])]
        for text in [*texts, *said["remedy"].splitlines(), str(said["evidence"].get("error", ""))]:
            assert len(text) <= 2000
            assert text.isprintable()
    assert all(sentence.isprintable() for sentence in advice.not_checked)


@pytest.mark.parametrize(
    "text", ["a " * 15_000, "(" * 30_000, "a:b " * 7_000, "\\" * 5_000, '"' * 5_000, "%{" * 9_000], ids=lambda t: t[:3]
)
def test_huge_records_are_judged_and_cut(zone: NameServer, ask: Callable[..., Advice], text: str) -> None:
    zone.text(SHOP, f"v=spf1 {text}")
    zone.text(f"_dmarc.{SHOP}", f"v=DMARC1; p=none; x={text}")
    zone.text(DKIM, f"v=DKIM1; p={text}")
    zone.text(f"default._bimi.{SHOP}", f"v=BIMI1; {text}")
    advice = ask()
    assert {"dkim_syntax", "bimi_syntax"} <= {found.check for found in advice.findings}
    for found in advice.findings:
        assert all(len(record) <= 500 for record in found.evidence["records"])
