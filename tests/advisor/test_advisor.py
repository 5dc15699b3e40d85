from __future__ import annotations

import ast
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from advisor.nameserver import NameServer, publish_everything
from mailgauge import checks
from mailgauge.advisor import Advice, advise
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse

DAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 2, 3)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
SHOP = "shop.example"
OFF = "DNS not checked for any domain: look-ups are switched off."


def add(folder: Path, *, day: date = DAY, mart: str = "daily", **values: Any) -> None:
    """Put a row into a mart; what is not said is empty."""
    with Warehouse(folder) as lake:
        columns = lake.rows(f"describe marts.{mart}")
        row = {one["column_name"]: 0 if one["column_type"] == "BIGINT" else None for one in columns}
        lake.insert(f"marts.{mart}", [row | {"day": day, "isp": "Other", "account_id": "1" * 12} | values])


def mail(folder: Path, complaints: int, *, deliveries: int = 1_000, **values: Any) -> None:
    add(folder, mart="daily_by_event_day", complaints=complaints, feedback_deliveries=deliveries, **values)


def run(folder: Path, settings: Settings, *, day: date = DAY, now: datetime = NOW, dns: bool = False) -> Advice:
    with Warehouse(folder) as lake:
        return advise(lake, settings, day=day, now=now, dns=dns)


def resources(advice: Advice) -> dict[str, str]:
    return {found.resource: found.impact for found in advice.findings}


def test_complaints_are_judged_by_every_dimension_and_traced_to_their_source(folder: Path) -> None:
    news: dict[str, Any] = {"identity": SHOP, "configuration_set": "news", "tenant": "acme"}
    mail(folder, 9, isp="Yahoo", **news)
    mail(folder, 1, isp="Outlook", **news)
    advice = run(folder, Settings())
    assert resources(advice) == {
        "account:111111111111": "HIGH",
        "configuration_set:news": "HIGH",
        f"identity:{SHOP}": "HIGH",
        "isp:Yahoo": "HIGH",
        "tenant:acme": "HIGH",
    }
    by_resource = {found.resource: found.evidence for found in advice.findings if found.check == "complaint_rate"}
    assert by_resource[f"identity:{SHOP}"]["most_from"] == {
        "dimension": "isp",
        "value": "Yahoo",
        "numerator": 9,
        "denominator": 1_000,
    }
    assert by_resource["isp:Yahoo"]["most_from"]["value"] == SHOP
    (there,) = [found for found in advice.findings if found.check == "isp_complaint_rate"]
    assert (there.resource, there.title) == (f"identity:{SHOP}", "Yahoo ISP has high complaint rate.")
    assert (advice.opened, advice.fixed) == (6, 0)


def test_the_window_is_seven_days_by_the_day_of_the_event(folder: Path) -> None:
    mail(folder, 2, day=DAY - timedelta(days=6), isp="Yahoo")
    mail(folder, 2, isp="Yahoo")
    mail(folder, 500, day=DAY - timedelta(days=7), isp="Yahoo")
    mail(folder, 500, day=DAY + timedelta(days=1), isp="Yahoo")
    add(folder, mart="daily", complaints=500, feedback_deliveries=1_000, isp="Yahoo")
    found = next(found for found in run(folder, Settings()).findings if found.resource == "isp:Yahoo")
    assert (found.evidence["numerator"], found.evidence["denominator"]) == (4, 2_000)


def test_bounces_are_judged_by_the_day_of_sending(folder: Path) -> None:
    add(folder, sends=120, attempts=100, permanent_bounces=10, isp="GMX", identity=SHOP)
    add(folder, mart="daily_by_event_day", sends=100, attempts=100, permanent_bounces=100, isp="Orange")
    advice = run(folder, Settings())
    found = next(found for found in advice.findings if found.resource == "isp:GMX")
    assert (found.check, found.impact, found.evidence["line"]) == ("permanent_bounce_rate", "HIGH", 0.1)
    assert (found.evidence["numerator"], found.evidence["denominator"]) == (10, 100)
    assert "isp:Orange" not in resources(advice)


def test_providers_that_never_complain_and_little_mail_have_no_finding(folder: Path) -> None:
    mail(folder, 0, deliveries=0, isp="Gmail")
    mail(folder, 50, deliveries=99, isp="Yahoo", account_id=None)
    assert run(folder, Settings()) == Advice([], [OFF], 0, 0)


def test_history_survives_runs(folder: Path) -> None:
    mail(folder, 9, isp="Yahoo", account_id=None)
    first = run(folder, Settings())
    again = run(folder, Settings(), now=NOW + timedelta(hours=1))
    assert (again.opened, again.fixed) == (0, 0)
    assert again.findings[0].first_seen_at == NOW
    assert again.findings[0].evidence == first.findings[0].evidence
    mail(folder, 0, day=DAY + timedelta(days=7), deliveries=9_000, isp="Yahoo", account_id=None)
    later = run(folder, Settings(), day=DAY + timedelta(days=7), now=NOW + timedelta(days=7))
    assert later == Advice([], [OFF], 0, 1)
    with Warehouse(folder, read_only=True) as lake:
        (row,) = lake.rows('select "check", resource, kind, status, first_seen_at, fixed_at from advisor.findings')
    assert row == {
        "check": "complaint_rate",
        "resource": "isp:Yahoo",
        "kind": "rate",
        "status": "FIXED",
        "first_seen_at": NOW,
        "fixed_at": NOW + timedelta(days=7),
    }


def test_a_finding_without_mail_to_judge_stays_open_and_says_so(folder: Path) -> None:
    mail(folder, 9, isp="Yahoo", account_id=None)
    run(folder, Settings())
    later = run(folder, Settings(), day=DAY + timedelta(days=20), now=NOW + timedelta(days=20))
    assert resources(later) == {"isp:Yahoo": "HIGH"}
    assert later.not_checked == [
        "Complaints not checked for Yahoo: no mail in the window, so its finding stays open.",
        OFF,
    ]
    mail(folder, 0, day=DAY + timedelta(days=20), deliveries=20, isp="Yahoo", account_id=None)
    few = run(folder, Settings(), day=DAY + timedelta(days=20), now=NOW + timedelta(days=20))
    assert few.not_checked == ["Complaints not checked for Yahoo: too few, so its finding stays open.", OFF]


def test_too_few_complaints_at_one_provider_mend_nothing_there(folder: Path) -> None:
    mail(folder, 9, isp="Yahoo", identity=SHOP, account_id=None)
    run(folder, Settings())
    later = DAY + timedelta(days=9)
    mail(folder, 1, day=later, deliveries=200, isp="Yahoo", identity=SHOP, account_id=None)
    mail(folder, 0, day=later, deliveries=9_000, isp="Orange", identity=SHOP, account_id=None)
    advice = run(folder, Settings(), day=later, now=NOW + timedelta(days=9))
    assert [found.check for found in advice.findings if found.resource == f"identity:{SHOP}"] == ["isp_complaint_rate"]
    assert any(sentence.startswith("Complaints not checked for Yahoo and shop.example") or "too few" in sentence
               for sentence in advice.not_checked)  # fmt: skip


def test_advice_for_an_old_day_changes_nothing(folder: Path) -> None:
    mail(folder, 9, isp="Yahoo", account_id=None)
    mail(folder, 0, day=DAY - timedelta(days=9), deliveries=9_000, isp="Yahoo", account_id=None)
    run(folder, Settings())
    assert resources(run(folder, Settings(), day=DAY - timedelta(days=9))) == {"isp:Yahoo": "HIGH"}


def test_domains_of_identities_seen_are_looked_up(folder: Path, zone: NameServer, settings: Settings) -> None:
    add(folder, identity=f"bob@{SHOP}", day=DAY - timedelta(days=29))
    add(folder, identity="old.example", day=DAY - timedelta(days=30))
    publish_everything(zone, "good.example")
    with Warehouse(folder) as lake:
        advice = advise(lake, settings, day=DAY, now=NOW, domains=["good.example", "more.example"])
    assert set(resources(advice)) == {f"identity:{SHOP}", "identity:more.example"}
    assert advice.opened == len(advice.findings) == 10


def test_a_fixed_record_fixes_its_findings_and_a_failed_look_up_does_not(
    folder: Path, zone: NameServer, settings: Settings
) -> None:
    add(folder, identity=SHOP)
    assert run(folder, settings, dns=True).opened == 5
    for name in (SHOP, f"s1._domainkey.{SHOP}", f"_dmarc.{SHOP}", f"default._bimi.{SHOP}"):
        zone.fail(name, "servfail")
    failed = run(folder, settings, dns=True)
    assert (len(failed.findings), failed.opened, failed.fixed, len(failed.not_checked)) == (5, 0, 0, 1)
    zone.failing.clear()
    publish_everything(zone, SHOP)
    assert run(folder, settings, dns=True) == Advice([], [], 0, 5)


def test_without_dns_findings_of_dns_stay_and_the_advice_says_so(
    folder: Path, zone: NameServer, settings: Settings
) -> None:
    add(folder, identity=SHOP)
    run(folder, settings, dns=True)
    zone.asked.clear()
    advice = run(folder, settings, dns=False)
    assert len(advice.findings) == 5
    assert zone.asked == []
    assert advice.not_checked == [OFF]


def test_hostile_dimension_values_are_kept_apart_and_made_harmless(folder: Path) -> None:
    mail(folder, 9, identity="'; drop table advisor.findings; --\x1b[2J", isp="Yahoo", account_id=None)
    for _ in range(2):
        advice = run(folder, Settings())
        assert {found.check for found in advice.findings} == {"complaint_rate", "isp_complaint_rate"}
        assert all(found.title.isprintable() and found.resource.isprintable() for found in advice.findings)
        assert advice.not_checked == [OFF]


def test_checks_touch_nothing() -> None:
    allowed = {
        "__future__",
        "base64",
        "binascii",
        "collections",
        "cryptography",
        "datetime",
        "functools",
        "importlib",
        "mailgauge",
    }
    allowed |= {"pkgutil", "re", "typing", "urllib"}
    for path in Path(checks.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {name.name.split(".")[0] for name in node.names} <= allowed, path
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert module.split(".")[0] in allowed, path
                assert not module.startswith(("mailgauge.dns", "mailgauge.warehouse", "urllib.request")), path
