"""Mail of identities, configuration sets and providers: given facts, expected findings; given rows, expected facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mailgauge.advisor import advise
from mailgauge.checks import (
    bounces_unpublished,
    complained_again,
    complaints_unpublished,
    content_reject,
    dead_address,
    deferral,
    deliveries_unpublished,
    dkim_alignment,
    envelope_domain,
    from_domain,
    legacy_notification,
    list_checks,
    one_click_missing,
    opt_out,
    rendering_failure,
    reputation_block,
    rule_authentication,
    rule_deferral,
    sends_unpublished,
    suppressed_share,
    tenant_identity,
    tls_share,
    unsubscribe_missing,
)
from mailgauge.concerns import Concern, join_mail, read_concerns
from mailgauge.findings import Finding, sort_findings
from mailgauge.mail_facts import HeaderCounts, IdentityMail, ProviderMail, RuleRejects, SetEvents
from mailgauge.mail_reading import read_mail_facts, read_selectors
from mailgauge.page_words import turned_away_text
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse

DAY = date(2026, 3, 30)
NOW = datetime(2026, 3, 31, 6)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
MAIL = IdentityMail("shop.example", DAY, sends=10_000)
RULE = RuleRejects(
    "Gmail 5.7.26", "Gmail", "not authenticated", refused=10, delayed=4, before=2, attempts=4000, attempts_before=90
)
EVENTS = SetEvents("news", DAY, sends=5000, deliveries=4900, bounces=9, complaints=3, feedback_deliveries=3000)
THERE = ProviderMail("Yahoo", DAY, attempts=1000)


def impacts(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(found.kind, found.impact) for found in findings]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("Gmail 5.7.26", "HIGH")]),
        ({"refused": 9, "delayed": 31}, [("Gmail 5.7.26", "LOW")]),
        ({"refused": 9, "delayed": 30}, []),
        ({"refused": 0, "delayed": 10, "attempts": 1000}, [("Gmail 5.7.26", "LOW")]),
        ({"refused": 5, "delayed": 4}, []),
        ({"refused": 0, "delayed": 0, "before": 500}, []),
    ],
)
def test_a_rule_that_costs_mail_is_found(changes: dict[str, int], expected: list[tuple[str, str]]) -> None:
    assert impacts(rule_authentication.check(replace(MAIL, rules=(replace(RULE, **changes),)))) == expected  # type: ignore[arg-type]


def test_a_rule_is_told_with_its_mail_and_what_to_do() -> None:
    deferred = replace(
        RULE, policy_rule="Yahoo TSS04", isp="Yahoo", meaning="deferred for volume or complaints", before=0
    )
    mail = replace(MAIL, identity="news@shop.example", rules=(RULE, deferred))
    (first,), (second,) = rule_authentication.check(mail), rule_deferral.check(mail)
    assert first.title == "Gmail refuses mail of news@shop.example: not authenticated (Gmail 5.7.26)."
    assert first.evidence["said"] == (
        "10 recipients refused and 4 delayed, of 4,000 there in seven days; 2 of 90 in the seven days before."
    )
    assert "mailgauge advise --domain shop.example" in first.remedy
    (alone,) = rule_authentication.check(replace(MAIL, rules=(replace(RULE, before=0, attempts_before=0),)))
    assert alone.evidence["said"].endswith("; no mail there in the seven days before.")
    assert second.evidence["said"].endswith("; 0 of 90 in the seven days before.")
    assert "more slowly to Yahoo" in second.remedy


@pytest.mark.parametrize(
    ("check", "changes", "expected"),
    [
        (opt_out, {}, []),
        (opt_out, {"after_opt_out": 2}, []),
        (opt_out, {"after_opt_out": 2, "after_complaint": 9}, []),
        (opt_out, {"after_opt_out": 3}, [("ignored", "LOW")]),
        (opt_out, {"after_opt_out": 10}, [("ignored", "HIGH")]),
        (complained_again, {"after_complaint": 2, "after_opt_out": 9}, []),
        (complained_again, {"after_complaint": 3}, [("ignored", "LOW")]),
        (complained_again, {"after_complaint": 10}, [("ignored", "HIGH")]),
        (content_reject, {"rejects": 2}, []),
        (content_reject, {"rejects": 3}, [("rejected", "LOW")]),
        (content_reject, {"rejects": 10}, [("rejected", "HIGH")]),
        (tls_share, {"rule_deliveries": 10_000, "rule_tls_deliveries": 9_901}, []),
        (tls_share, {"rule_deliveries": 10_000, "rule_tls_deliveries": 9_900}, [("clear", "LOW")]),
        (tls_share, {"rule_deliveries": 10_000, "rule_tls_deliveries": 9_000}, [("clear", "HIGH")]),
        (tls_share, {"rule_deliveries": 10_000, "rule_tls_deliveries": 4_999}, []),
        (legacy_notification, {"published": 9}, []),
        (legacy_notification, {"notifications": 9}, []),
        (legacy_notification, {"published": 9, "notifications": 1}, [("both", "LOW")]),
        (envelope_domain, {"envelopes": (("bounce.shop.example", 900), (None, 900), ("other.example", 99))}, []),
        (envelope_domain, {"envelopes": (("other.example", 100),)}, [("other.example", "LOW")]),
        (dkim_alignment, {"signatures": (("shop.example", ("esp.example", "mail.shop.example"), 100),)}, []),
        (dkim_alignment, {"signatures": (("shop.example", ("esp.example",), 99),)}, []),
        (dkim_alignment, {"signatures": (("shop.example", ("myshop.example",), 100),)}, [("shop.example", "LOW")]),
        (one_click_missing, {"headers": HeaderCounts((("a", {"one-click": 9, "https": 99}),))}, []),
        (
            one_click_missing,
            {"headers": HeaderCounts((("a", {"mailto": 99}), (None, {"https": 1})))},
            [("header", "LOW")],
        ),
        (one_click_missing, {"headers": HeaderCounts((("a", {"other": 35_000}),))}, [("header", "HIGH")]),
        (unsubscribe_missing, {"headers": HeaderCounts((("a", {"none": 34_999}),))}, []),
        (unsubscribe_missing, {"headers": HeaderCounts((("a", {"none": 35_000}),))}, [("header", "LOW")]),
        (dead_address, {"after_bounce": 10}, [("again", "LOW")]),
        (dead_address, {"after_bounce": 9}, []),
        (dead_address, {"after_bounce": 10, "sends": 10_001}, []),
        (dead_address, {"after_bounce": 100}, [("again", "HIGH")]),
        (dead_address, {"after_bounce": 100, "sends": 0}, []),
        (suppressed_share, {"suppressed": 200}, [("share", "LOW")]),
        (suppressed_share, {"suppressed": 199}, []),
        (suppressed_share, {"suppressed": 49, "sends": 50}, []),
        (rendering_failure, {}, []),
        (rendering_failure, {"rendering_failures": 10, "sends": 991}, [("failed", "LOW")]),
        (rendering_failure, {"rendering_failures": 9, "sends": 9}, []),
        (rendering_failure, {"rendering_failures": 10, "sends": 990}, [("failed", "HIGH")]),
        (tenant_identity, {"tenants": (("a", 9),)}, []),
        (tenant_identity, {"tenants": ((None, 9),)}, []),
        (tenant_identity, {"tenants": (("a", 9), (None, 1))}, []),
        (tenant_identity, {"tenants": (("a", 9), (None, 5), ("b", 1))}, [("shared", "LOW")]),
        (from_domain, {"from_domains": (("shop.example", 9), ("a.shop.example", 9), (None, 9))}, []),
        (from_domain, {"from_domains": (("example", 9),)}, []),
        (from_domain, {"from_domains": (("shop.example", 95), ("myshop.example", 5))}, [("myshop.example", "HIGH")]),
        (from_domain, {"from_domains": (("shop.example", 96), ("other.example", 4))}, [("other.example", "LOW")]),
        (from_domain, {"identity": "a@shop.example", "from_domains": (("shop.example", 9),)}, []),
    ],
)
def test_mail_of_an_identity_is_judged(check: Any, changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert impacts(check.check(replace(MAIL, **changes))) == expected


def test_who_ought_not_to_get_mail_is_counted_by_why() -> None:
    (found,) = opt_out.check(replace(MAIL, after_opt_out=1200))
    assert found.evidence["said"] == (
        "In seven days 1,200 who had opted out more than 48 hours before, of 10,000 recipients."
    )
    headers = HeaderCounts((("news", {"https": 900, "one-click": 90}), ("offers", {"mailto": 10}), ("x", {"none": 9})))
    (found,) = one_click_missing.check(replace(MAIL, headers=headers))
    assert found.evidence["said"] == (
        "In seven days 900 with a link without one click, 10 with mail alone: 90.2 % of 1,009 recipients whose headers "
        "are known, of the configuration sets news, offers."
    )
    (found,) = tenant_identity.check(replace(MAIL, tenants=tuple((f"t{at}", 9 - at) for at in range(7))))
    assert found.title == "7 tenants send with shop.example."
    assert found.evidence["said"] == "Recipients in seven days: 9 of t0, 8 of t1, 7 of t2, 6 of t3, 5 of t4 and 2 more."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"sends": 0, "sends_unseen": 1000}, [("send", "HIGH")]),
        ({"sends": 0, "sends_unseen": 999}, []),
        ({"sends": 1, "sends_unseen": 9000}, []),
        ({"deliveries": 0}, [("delivery", "HIGH")]),
        ({"deliveries": 0, "sends": 999}, []),
        ({"bounces": 0}, []),
        ({"bounces": 0, "others_bounces": 40, "others_sends": 10_000}, [("bounce", "HIGH")]),
        ({"bounces": 0, "others_bounces": 39, "others_sends": 10_000}, []),
        ({"complaints": 0, "others_complaints": 20, "others_feedback_deliveries": 3000}, [("complaint", "LOW")]),
        ({"complaints": 0, "others_complaints": 19, "others_feedback_deliveries": 3000}, []),
    ],
)
def test_an_event_type_that_is_not_published_is_found(changes: dict[str, int], expected: list[tuple[str, str]]) -> None:
    facts = replace(EVENTS, **changes)  # type: ignore[arg-type]
    asked = (sends_unpublished, deliveries_unpublished, bounces_unpublished, complaints_unpublished)
    assert [said for check in asked for said in impacts(check.check(facts))] == expected


@pytest.mark.parametrize(
    ("check", "changes", "expected"),
    [
        (deferral, {"delayed": 100}, [("delayed", "LOW")]),
        (deferral, {"delayed": 99}, []),
        (deferral, {"delayed": 300}, [("delayed", "HIGH")]),
        (deferral, {"delayed": 100, "expired": 10}, [("delayed", "HIGH")]),
        (deferral, {"delayed": 499, "attempts": 499}, []),
        (reputation_block, {"blocked": 20}, [("blocked", "HIGH")]),
        (reputation_block, {"blocked": 19}, []),
        (reputation_block, {"blocked": 20, "attempts": 1001}, [("blocked", "LOW")]),
        (reputation_block, {"blocked": 20, "attempts": 4001}, []),
    ],
)
def test_mail_to_a_provider_is_judged(check: Any, changes: dict[str, int], expected: list[tuple[str, str]]) -> None:
    assert impacts(check.check(replace(THERE, **changes))) == expected  # type: ignore[arg-type]


@pytest.fixture
def lake(folder: Path) -> Iterator[Warehouse]:
    with Warehouse(folder) as opened:
        yield opened


def outcome(recipient: str, back: float = 0, **more: Any) -> dict[str, Any]:
    sent = datetime(2026, 3, 30, 9) - timedelta(days=back)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
    usual = {"recipient": recipient, "identity": "shop.example", "isp": "Gmail", "is_simulator": False}
    return usual | {"day": sent.date(), "sent_at": sent, "send_seen_at": sent, "is_send_unseen": False} | more


def at(back: float) -> datetime:
    return datetime(2026, 3, 30, 9) - timedelta(days=back)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)


def read(lake: Warehouse, *rows: dict[str, Any]) -> dict[str, Any]:
    for row in rows:
        lake.insert("marts.outcomes", [row])
    return {fact.resource: fact for fact in read_mail_facts(lake, DAY)}


def test_mail_after_an_opt_out_a_complaint_or_a_bounce_is_counted(lake: Warehouse) -> None:
    found = read(
        lake,
        outcome("left", 9, unsubscribed_at=at(3)), outcome("left"), outcome("left", 2),
        outcome("soon", 9, unsubscribed_at=at(1)), outcome("soon"),
        outcome("both", 9, unsubscribed_at=at(3), complained_at=at(3)), outcome("both"),
        outcome("cross", 9, complained_at=at(5)), outcome("cross"),
        outcome("bill", 9, unsubscribed_at=at(8)), outcome("bill", configuration_set="invoices"),
        outcome("sorry", 9, complained_at=at(5), not_spam_at=at(4)), outcome("sorry"),
        outcome("held", 9, complained_at=at(5)), outcome("held", suppressed_at=at(0)),
        outcome("dead", 9, permanent_bounced_at=at(8), bounce_reason="invalid_recipient", identity="old.example"),
        outcome("dead"),
        outcome("full", 9, permanent_bounced_at=at(8), bounce_reason="mailbox_full"), outcome("full"),
        outcome("other", 9, unsubscribed_at=at(8), identity="old.example"), outcome("other"),
    )["identity:shop.example"]  # fmt: skip
    assert (found.after_opt_out, found.after_complaint, found.after_bounce) == (2, 1, 1)
    assert (found.sends, found.suppressed) == (11, 1)


def test_the_parts_and_rules_of_an_identity_are_read(lake: Warehouse) -> None:
    refused: dict[str, Any] = {"policy_rule": "Gmail 5.7.26", "permanent_bounced_at": at(0)}
    found = read(
        lake,
        outcome("a", from_domain="shop.example", tenant="t", **refused),
        outcome("b", from_domain="shop.example", policy_rule="Gmail 5.7.26", delayed_at=at(0)),
        outcome("c", 6, from_domain="other.example"),
        outcome("d", 7, from_domain="older.example", **refused),
        outcome("e", 14, **refused),
        outcome("f", isp="Yahoo"),
        outcome("g", is_simulator=True, **refused),
    )
    assert found["identity:shop.example"].rules == (
        replace(RULE, refused=1, delayed=1, before=1, attempts=3, attempts_before=1),
    )
    assert found["identity:shop.example"].from_domains == (("shop.example", 2), (None, 1), ("other.example", 1))
    assert found["identity:shop.example"].tenants == ((None, 3), ("t", 1))
    assert {name for name in found if name.startswith("isp:")} == {"isp:Gmail", "isp:Yahoo"}


def test_what_headers_envelopes_and_signatures_say_is_read(lake: Warehouse) -> None:
    def event(kind: str, back: float = 0, **more: Any) -> dict[str, Any]:
        told = {"event_id": str(uuid4()), "event_type": kind, "occurred_at": at(back), "day": at(back).date()}
        usual = {"message_id": "m", "recipient_index": 1, "object_id": 1, "identity": "shop.example", "origin": "ses"}
        return told | usual | {"source": "Shop <a@Bounce.shop.example>", "from_domain": "shop.example"} | more

    keys: dict[str, Any] = {"dkim_keys": "k1._domainkey.esp.example k2._domainkey.shop.example"}
    events = [
        event("Send", 0, **keys),
        event("Send", 6, source="b@other.example"),
        event("Send", 9, dkim_keys="k3._domainkey.old.example"),
        event("Send", 31, dkim_keys="k4._domainkey.older.example"),
        event("Send", recipient_domain="simulator.amazonses.com"),
        event("Bounce", origin="notification"),
        event("Complaint", origin="notification"),
        event("Delivery"),
        event("Open", origin="pinpoint"),
    ]
    for row in events:
        lake.insert("raw.events", [row])
    found = read(
        lake,
        outcome("a", unsubscribe_header="https", configuration_set="news"),
        outcome("b", unsubscribe_header="one-click", configuration_set="news"),
        outcome("c", unsubscribe_header="none"),
        outcome("d", 7, unsubscribe_header="none"),
        outcome("e", rejected_at=at(0)),
        outcome("f", delivered_at=at(0), tls_version="TLSv1.3"),
        outcome("g", delivered_at=at(0)),
        outcome("h", delivered_at=at(0), isp="GMX"),
    )["identity:shop.example"]
    assert found.headers == HeaderCounts((("news", {"https": 1, "one-click": 1}), (None, {"none": 1})))
    assert found.envelopes == (("bounce.shop.example", 1), ("other.example", 1))
    assert found.signatures == (("shop.example", ("esp.example", "shop.example"), 1),)
    assert (found.published, found.notifications) == (1, 2)
    assert (found.rejects, found.rule_deliveries, found.rule_tls_deliveries) == (1, 2, 1)
    assert read_selectors(lake, DAY) == {"esp.example": {"k1"}, "shop.example": {"k2"}, "old.example": {"k3"}}


def test_mail_without_known_headers_is_not_judged_by_them() -> None:
    assert MAIL.headers.gap == "no Send event of it carries headers"
    assert HeaderCounts(((None, {"none": 1}),)).gap == ""


def test_the_mail_to_a_provider_is_read(lake: Warehouse) -> None:
    found = read(
        lake,
        outcome("a", delayed_at=at(0), delay_reason="greylisted", is_expired=True),
        outcome("b", delayed_at=at(0), delay_reason="rate_limited"),
        outcome("c", delayed_at=at(0), delay_reason="rate_limited"),
        outcome("d", bounce_reason="spam_content", permanent_bounced_at=at(0)),
        outcome("e", suppressed_at=at(0), delayed_at=at(0)),
        outcome("f", 7, delayed_at=at(7)),
    )["isp:Gmail"]
    assert found == ProviderMail("Gmail", DAY, 4, 3, "rate_limited", 1, 1)


def test_a_configuration_set_is_held_beside_the_others_of_its_identities(lake: Warehouse) -> None:
    columns = lake.rows("describe marts.daily")
    none: dict[str, Any] = {one["column_name"]: 0 if one["column_type"] == "BIGINT" else None for one in columns}
    none |= {"day": DAY, "isp": "Gmail", "identity": "shop.example"}
    for name, more in {"a": {"sends": 5}, "b": {"sends": 7, "permanent_bounces": 2}, None: {"sends": 99}}.items():
        lake.insert("marts.daily", [none | {"configuration_set": name} | more])
    found = read(lake)
    assert found["configuration_set:a"] == SetEvents("a", DAY, sends=5, others_sends=7, others_bounces=2)
    assert found["configuration_set:b"] == SetEvents("b", DAY, sends=7, bounces=2, others_sends=5)


def test_the_advisor_finds_them_and_sees_when_they_end(lake: Warehouse) -> None:
    refused: dict[str, Any] = {"policy_rule": "Gmail 5.7.26", "permanent_bounced_at": at(0)}
    lake.insert("marts.outcomes", [outcome(f"r{number}", **refused) for number in range(10)])
    first = advise(lake, Settings(), day=DAY, now=NOW, dns=False)
    assert [(found.check, found.impact) for found in first.findings] == [("rule_authentication", "HIGH")]
    later = DAY + timedelta(days=8)
    lake.insert("marts.outcomes", [outcome("r1", -8)])
    second = advise(lake, Settings(), day=later, now=NOW + timedelta(days=8), dns=False)
    assert (second.findings, second.fixed) == ([], 1)


def test_every_check_says_where_it_is_written_and_why_it_matters() -> None:
    for check in list_checks():
        told = (check.__doc__ or "").strip()
        assert ": " in told or "\n\n" in told, f"{check.NAME} does not say why it matters"
        assert check.TOPIC
        assert len(check.REPLY) != 1
        assert all(url.startswith("https://") for url in check.REFERENCES)
        assert check.REFERENCES


def test_a_finding_carries_the_mail_it_concerns_and_what_was_turned_away_for_it(lake: Warehouse) -> None:
    columns = lake.rows("describe marts.daily")
    none: dict[str, Any] = {one["column_name"]: 0 if one["column_type"] == "BIGINT" else None for one in columns}
    none |= {"day": DAY, "identity": "shop.example"}
    sent = (("Gmail", 70, "shop.example"), ("GMX", 20, "shop.example"), ("Yahoo", 9, "a@shop.example"))
    for isp, sends, identity in sent:
        lake.insert("marts.daily", [none | {"isp": isp, "sends": sends, "identity": identity}])
    lake.insert("marts.daily", [none | {"isp": "Gmail", "sends": 500, "day": DAY - timedelta(days=7)}])
    mail = replace(MAIL, rules=(RULE, replace(RULE, meaning="too much at once", refused=900)))
    concerns = read_concerns(lake, DAY, [mail, THERE])
    assert concerns["identity:shop.example"] == Concern(99, 79, 14, 2)
    assert concerns["identity:a@shop.example"] == Concern(9, 9)
    assert concerns["isp:Gmail"] == Concern(70, 70)
    missing = Finding("dmarc_policy", "identity:shop.example", "missing", "HIGH", "t", {"name": "n"}, "r", ())
    joined = join_mail(missing, concerns)
    assert joined.evidence["mail"] == {"recipients": 99, "enforcing": 79, "rejected": 14, "before": 2}
    assert (joined.harmed, joined.concerned) == (14, 99)
    assert turned_away_text(joined.evidence["mail"]) == (
        "In seven days it concerns 99 recipients, 79 of them at providers that enforce rules for senders; "
        "14 were refused or delayed for it (2 in the seven days before)."
    )
    other = join_mail(replace(missing, check="bimi_missing"), concerns)
    assert (other.evidence["mail"], turned_away_text(other.evidence["mail"])) == ({"recipients": 99}, "")
    assert join_mail(replace(missing, resource="identity:else.example"), concerns).evidence == {"name": "n"}


def test_findings_are_ordered_by_harm_and_then_by_the_mail_concerned() -> None:
    def found(check: str, impact: str, **evidence: Any) -> Finding:
        return Finding(check, "isp:Yahoo", "k", impact, "t", evidence, "r", ())

    ordered = [
        found("complaint_rate", "HIGH", numerator=1, denominator=1000),
        found("z", "HIGH", mail={"recipients": 1, "rejected": 9}),
        found("y", "HIGH", numerator=8, denominator=100),
        found("x", "HIGH", mail={"recipients": 500}),
        found("v", "HIGH"),
        found("w", "HIGH"),
        found("c", "LOW", refused=2, delayed=5),
        found("b", "LOW", delayed=9),
    ]
    assert sort_findings(reversed(ordered)) == ordered
