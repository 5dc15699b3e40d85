"""Records to publish: what each form says, what is never proposed, and that a proposal is what the check wants."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from advisor.nameserver import NameServer, make_key
from mailgauge.advisor import Advice, judge
from mailgauge.facts import (
    FOUND,
    Answer,
    Answers,
    DkimAnswer,
    DkimAnswers,
    DmarcAnswer,
    DomainAnswers,
    MailFromAnswers,
    SpfAnswer,
)
from mailgauge.findings import Finding
from mailgauge.publishing import Record, list_records, show_records
from mailgauge.ses_calls import call, propose_call, show_calls

SHOP = "shop.example"
LONG = "v=spf1 " + " ".join(f"ip4:192.0.2.{at}" for at in range(30)) + " ~all"


def domain(spf: SpfAnswer | None = None, dmarc: DmarcAnswer | None = None, name: str = SHOP) -> DomainAnswers:
    return DomainAnswers(
        name,
        spf=spf or SpfAnswer("absent", name),
        dkim=DkimAnswers(),
        dmarc=dmarc or DmarcAnswer("absent", f"_dmarc.{name}"),
        bimi=Answer("absent", f"default._bimi.{name}"),
    )


def spf(record: str, **more: Any) -> SpfAnswer:
    return SpfAnswer(FOUND, SHOP, (record,), dns_lookups=more.pop("dns_lookups", 1), **more)


def dmarc(record: str, location: str = SHOP) -> DmarcAnswer:
    tags = dict(part.strip().split("=", 1) for part in record.split(";")[1:] if part.strip())
    return DmarcAnswer(FOUND, f"_dmarc.{location}", (record,), location=location, tags=tags)


def find(facts: DomainAnswers, topic: str) -> list[Finding]:
    """What the checks of a topic find, in the order of their names."""
    return [found for found in judge([facts]).findings if found.check.startswith(topic)]


def proposals(findings: list[Finding]) -> dict[str, str]:
    return {found.check: found.evidence["publish"]["value"] for found in findings if "publish" in found.evidence}


def test_a_record_in_every_form() -> None:
    short = Record("_dmarc.shop.example", "v=DMARC1; p=none", before=("v=DMARC1",))
    long = Record(SHOP, LONG, others=("site-verification=a",))
    first, second = LONG[:255], LONG[255:]
    assert show_records([short, long], "zone").splitlines() == [
        '_dmarc.shop.example. 300 IN TXT "v=DMARC1; p=none"',
        f'shop.example. 300 IN TXT "{first}" "{second}"',
    ]
    changes = json.loads(show_records([short, long], "route53"))["Changes"]
    assert changes[1] == {
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": "shop.example.",
            "Type": "TXT",
            "TTL": 300,
            "ResourceRecords": [{"Value": f'"{first}" "{second}"'}, {"Value": '"site-verification=a"'}],
        },
    }
    terraform = show_records([short, long], "terraform")
    assert 'resource "aws_route53_record" "txt__dmarc__shop__example" {' in terraform
    assert f'records = ["{first}\\"\\"{second}", "site-verification=a"]' in terraform


def test_a_record_says_how_to_verify_it_and_how_to_undo_it() -> None:
    assert Record("a.example", "x").steps() == (
        'Verify: dig +short TXT a.example prints "x".\nRoll back: delete the record.'
    )
    assert (
        Record("a.example", "x", before=("old", "older"))
        .steps()
        .endswith('Roll back: publish "old" and "older" there again.')
    )


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb", "ü", "\x1b[2J", "x" * 500, ""])
def test_what_is_strange_or_long_is_never_repeated(text: str) -> None:
    assert Record("a.example", "x", others=(text,)).as_evidence() is None
    assert Record("a.example", text).as_evidence() is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, {"spf_missing": "v=spf1 include:amazonses.com ~all"}),
        (spf("v=spf1 include:amazonses.com +all"), {"spf_pass_all": "v=spf1 include:amazonses.com ~all"}),
        (spf("v=spf1 include:amazonses.com"), {"spf_all": "v=spf1 include:amazonses.com ~all"}),
        (
            spf("v=spf1 mx +all"),
            dict.fromkeys(("spf_pass_all", "spf_amazonses"), "v=spf1 include:amazonses.com mx ~all"),
        ),
        (spf("v=spf1 mx", dns_lookups=10), {"spf_all": "v=spf1 mx ~all"}),
        (spf("v=spf1 mx ~all"), {"spf_amazonses": "v=spf1 include:amazonses.com mx ~all"}),
        (spf("v=spf1 mx ~all", dns_lookups=9), {"spf_amazonses": "v=spf1 include:amazonses.com mx ~all"}),
        (spf("v=spf1 mx ~all", dns_lookups=10), {}),
        (spf("v=spf1 mx ~all", problem="lookups", dns_lookups=11), {}),
        (spf("v=spf1 mx ~all", dns_lookups=None), {}),
        (spf("v=spf1 include:amazonses.com -all"), {}),
    ],
)
def test_an_spf_record_is_proposed_that_names_ses_and_stays_within_ten_look_ups(
    answer: SpfAnswer | None, expected: dict[str, str]
) -> None:
    assert proposals(find(domain(spf=answer), "spf_")) == expected


@pytest.mark.parametrize(
    ("answer", "name", "expected"),
    [
        (None, SHOP, {"dmarc_missing": "v=DMARC1; p=none; rua=mailto:dmarc@shop.example"}),
        (dmarc("v=DMARC1; p=none; rua=mailto:a@b"), SHOP, {"dmarc_policy": "v=DMARC1; p=quarantine; rua=mailto:a@b"}),
        (dmarc("v=DMARC1; p=reject;"), SHOP, {"dmarc_reports": "v=DMARC1; p=reject; rua=mailto:dmarc@shop.example"}),
        (
            dmarc("v=DMARC1; p=quarantine; t=y; rua=mailto:a@b"),
            SHOP,
            {"dmarc_policy": "v=DMARC1; p=quarantine; rua=mailto:a@b"},
        ),
        (
            dmarc("v=DMARC1; p=reject; sp=none; rua=mailto:a@b"),
            f"news.{SHOP}",
            {
                "dmarc_policy": "v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@b",
                "dmarc_subdomains": "v=DMARC1; p=reject; rua=mailto:a@b",
            },
        ),
        (
            dmarc("v=DMARC1; p=reject; pct=25; ri=60; rua=mailto:a@b"),
            SHOP,
            {"dmarc_obsolete_tags": "v=DMARC1; p=reject; rua=mailto:a@b"},
        ),
        (dmarc("v=DMARC1; rua=mailto:a@b"), SHOP, {"dmarc_policy_missing": "v=DMARC1; p=none; rua=mailto:a@b"}),
        (
            dmarc("v=DMARC1; p=reject; t=y; rua=mailto:a@b"),
            SHOP,
            {"dmarc_testing": "v=DMARC1; p=reject; rua=mailto:a@b"},
        ),
        (
            dmarc("v=DMARC1; p=reject; psd=y; rua=mailto:a@b"),
            SHOP,
            {"dmarc_public_suffix": "v=DMARC1; p=reject; rua=mailto:a@b"},
        ),
        (dmarc("v=DMARC1; p=reject; rua=mailto:a@b"), SHOP, {}),
    ],
)
def test_a_dmarc_record_is_proposed_that_loosens_nothing(
    answer: DmarcAnswer | None, name: str, expected: dict[str, str]
) -> None:
    findings = find(domain(dmarc=answer, name=name), "dmarc_")
    assert proposals(findings) == expected
    assert all("Verify: dig +short TXT _dmarc." in found.remedy for found in findings if "publish" in found.evidence)


def dkim(record: str, alias: str = "") -> DomainAnswers:
    key = DkimAnswer(FOUND, f"s1._domainkey.{SHOP}", (record,), alias, selector="s1")
    return replace(domain(), dkim=DkimAnswers((key,)))


@pytest.mark.parametrize(
    ("tags", "check"),
    [("v=DKIM1; t=y; ", "dkim_testing"), ("v=DKIM1; h=sha1 ; ", "dkim_hash"), ("s=tlsrpt;", "dkim_service")],
)
def test_a_key_is_proposed_without_the_tag_that_is_wrong(tags: str, check: str) -> None:
    key = f"p={make_key(2048)}"
    right = f"v=DKIM1; {key}" if "v=" in tags else key
    assert proposals(find(dkim(tags + key), "dkim_")) == {check: right}
    assert proposals(find(dkim(tags + key, alias="s1.vendor.example"), "dkim_")) == {}


def test_the_records_of_others_and_of_other_kinds_are_proposed() -> None:
    gone = Answer("absent", f"{SHOP}._report._dmarc.reports.example")
    asked = replace(domain(dmarc=dmarc("v=DMARC1; p=reject; rua=mailto:a@reports.example")), reports=Answers((gone,)))
    assert proposals(find(asked, "dmarc_")) == {"dmarc_report_address": "v=DMARC1"}
    sts = Answer(FOUND, f"_mta-sts.{SHOP}", ("v=STSv1; id=1;",))
    alone = replace(domain(), mta_sts=sts, tls_rpt=Answer("absent", f"_smtp._tls.{SHOP}"))
    assert proposals(find(alone, "tls_rpt_")) == {"tls_rpt_missing": f"v=TLSRPTv1; rua=mailto:tls@{SHOP}"}


def mail_from(name: str, *regions: str) -> MailFromAnswers:
    mx = Answer(FOUND, name, ("10 mx.example.",))
    right = SpfAnswer(FOUND, name, ("v=spf1 include:amazonses.com ~all",), final="v=spf1 include:amazonses.com ~all")
    organisation = name.partition(".")[2]
    return MailFromAnswers(SHOP, name, SHOP, organisation, mx, right, dmarc("v=DMARC1; p=none"), regions)


def test_the_exchanger_of_a_mail_from_domain_is_proposed_where_the_region_is_known() -> None:
    (found,) = judge([mail_from(f"bounce.{SHOP}", "eu-west-1")]).findings[:1]
    (record,) = list_records([found])
    assert (record.kind, record.value) == ("MX", "10 feedback-smtp.eu-west-1.amazonses.com.")
    assert show_records([record], "zone") == f"bounce.{SHOP}. 300 IN MX 10 feedback-smtp.eu-west-1.amazonses.com."
    change = json.loads(show_records([record], "route53"))["Changes"][0]["ResourceRecordSet"]
    assert (change["Type"], change["ResourceRecords"]) == ("MX", [{"Value": record.value}])
    assert f'records = ["{record.value}"]' in show_records([record], "terraform")
    assert record.steps().splitlines() == [
        f"Verify: dig +short MX bounce.{SHOP} prints 10 feedback-smtp.eu-west-1.amazonses.com.",
        "Roll back: publish 10 mx.example. there again.",
    ]
    for regions in ((), ("eu-west-1", "us-east-1")):
        assert not list_records(judge([mail_from(f"bounce.{SHOP}", *regions)]).findings)


def test_two_names_have_two_labels_in_terraform() -> None:
    shown = show_records([Record("a-b.example", "x"), Record("a.b.example", "x")], "terraform")
    assert len(set(re.findall(r'"aws_route53_record" "(\w[\w-]*)"', shown))) == 2


def test_a_call_says_how_to_verify_it_and_how_to_undo_it() -> None:
    own, easy = dkim(f"p={make_key(1024)}"), dkim(f"p={make_key(1024)}", alias="s1.dkim.amazonses.com")
    assert show_calls(find(own, "dkim_")) == ""
    (found,) = find(easy, "dkim_")
    said = "aws sesv2 put-email-identity-dkim-signing-attributes --email-identity shop.example"
    change = f"{said} --signing-attributes-origin AWS_SES --signing-attributes NextSigningKeyLength=RSA_2048_BIT"
    told = "aws sesv2 get-email-identity --email-identity shop.example --query DkimAttributes.CurrentSigningKeyLength"
    assert found.remedy.splitlines()[1:] == [
        f"Run: {change}",
        f"Verify: {told} prints RSA_2048_BIT after some days.",
        f"Roll back: {change.replace('2048', '1024')}",
    ]
    assert show_calls([found, found]).splitlines() == [f"# {found.title} ({found.resource})"] * 2 + [change]


def test_a_mail_from_domain_of_another_organisation_is_changed_by_a_call() -> None:
    found = [one for one in judge([mail_from("bounce.other.example")]).findings if one.check == "mail_from_alignment"]
    said = "aws sesv2 put-email-identity-mail-from-attributes --email-identity shop.example --mail-from-domain"
    assert show_calls(found).splitlines()[1] == f"{said} bounce.shop.example"
    assert found[0].evidence["call"]["undo"] == f"{said} bounce.other.example"


@pytest.mark.parametrize("domain", ["a;b.example", "$(x).example", "a b", "`x`", "a\x1b[0m", "bücher.example"])
def test_a_call_is_one_line_of_a_shell_or_none(domain: str) -> None:
    finding = make_finding(domain)
    proposed = propose_call(finding, call("get-email-identity", email_identity=domain), verify="", undo="")
    for line in show_calls([proposed]).splitlines()[1:]:
        assert shlex.split(line)[:4] == ["aws", "sesv2", "get-email-identity", "--email-identity"]
        assert shlex.split(line)[4:] == [domain]
    if not (domain.isascii() and domain.isprintable()):
        assert proposed is finding


def make_finding(domain: str) -> Finding:
    return Finding("dkim_missing", f"identity:{domain}", "s1", "HIGH", "No key.", {}, "Do.", ())


def test_what_else_stands_at_the_name_stays() -> None:
    (record,) = list_records(
        find(domain(spf=spf("v=spf1 +all", others=("site=1",), includes=("amazonses.com",))), "spf_")
    )
    assert record == Record(SHOP, "v=spf1 ~all", ("v=spf1 +all",), ("site=1",))


def test_of_several_for_one_name_the_first_is_proposed() -> None:
    findings = find(domain(dmarc=dmarc("v=DMARC1; p=none; pct=5")), "dmarc_")
    assert len(proposals(findings)) == 3
    reports = "rua=mailto:dmarc@shop.example"
    assert [record.value for record in list_records(findings[1:])] == [f"v=DMARC1; p=quarantine; {reports}"]
    assert (
        proposals(findings)["dmarc_reports"]
        == proposals(findings)["dmarc_obsolete_tags"]
        == f"v=DMARC1; p=none; {reports}"
    )


def test_what_else_stands_beside_a_dmarc_record_stays_and_an_alias_gets_no_record(
    zone: NameServer, ask: Callable[..., Advice]
) -> None:
    zone.text(f"_dmarc.{SHOP}", "v=DMARC1; p=reject", "site=1")
    zone.alias("_dmarc.news.example", "dmarc.vendor.example")
    zone.text("dmarc.vendor.example", "v=DMARC1; p=reject")
    zone.alias("mail.example", "host.example")
    zone.text("host.example", "v=spf1 +all")
    records = {record.name: record for record in list_records(ask(SHOP, "news.example", "mail.example").findings)}
    assert records[f"_dmarc.{SHOP}"].others == ("site=1",)
    assert records[f"_dmarc.{SHOP}"].before == ("v=DMARC1; p=reject",)
    assert not {"_dmarc.news.example", "mail.example"} & records.keys()
