"""What the small streams tell reaches the report and the advice: counted once, without an address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from documents import FIXTURES
from mailgauge.advisor import Advice, advise, write_findings
from mailgauge.page_data import read_figures, read_page
from mailgauge.page_streams import CHECKS
from mailgauge.pages import render_page
from mailgauge.rates import Rate
from mailgauge.recommendations import AwsFinding, compare, read_aws_findings, recall_agreement
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse
from mailgauge.words import describe_advice, describe_finding
from moments import NOW
from report.report_samples import make_finding
from streams.test_streams import NAMES, add, read

DAY = date(2026, 3, 30)


@pytest.fixture
def lake(folder: Path, build: Callable[..., object]) -> Iterator[Warehouse]:
    """The events and the streams of the fixtures, and a finding of ours on an identity that AWS speaks of, too."""
    build(str(FIXTURES))
    with Warehouse(folder) as lake:
        add(lake, [read(name) for name in NAMES])
        ours = make_finding(resource="identity:acme.example", title="acme.example has no DMARC record.", day=DAY)
        write_findings(lake, [ours])
        yield lake


def test_the_page_shows_what_the_streams_tell(lake: Warehouse) -> None:
    figures = read_figures(lake, Settings(), day=DAY, now=NOW)
    html = render_page(read_page(lake, Settings(), day=DAY, now=NOW))
    (received,) = figures.received
    assert (received.domain, received.count, received.span) == ("acme.example", 4, 4)
    assert received.failed["spf"] == received.failed_span["spf"] == Rate(1, 4)
    assert received.failed["virus"] == Rate(0, 3), "what could not be checked is not called clean"
    assert {word: many for word, many in received.actions.items() if many} == {
        "stored in S3": 2, "sent to SNS": 1, "handed to Lambda": 1,
    }  # fmt: skip
    assert [(one.name, one.policy, one.accepted, one.rejected) for one in figures.ingress] == [
        ("front", "tp-a1", 0, Rate(1, 2)),
        ("front", None, 1, Rate(0, 0)),
    ]
    assert [(one.rule_set, one.rule, one.failed) for one in figures.rules] == [("inbox", "archive", Rate(1, 2))]
    assert "AWS has stopped its sending: High bounce rate." in html
    assert not any(address in html for address in ("help@", "sales@", "nobody@", "billing@", "203.0.113.77"))


def test_the_days_of_the_trend_are_shown_and_no_others(lake: Warehouse) -> None:
    (later,) = read_figures(lake, Settings(), day=DAY + timedelta(days=29), now=NOW).received
    assert (later.count, later.span, later.failed["spam"]) == (0, 4, Rate(0, 0))
    gone = read_page(lake, Settings(), day=DAY + timedelta(days=30), now=NOW)
    before = read_page(lake, Settings(), day=DAY - timedelta(days=1), now=NOW)
    shown = {section.key for page in (gone, before) for section in page.sections}
    assert shown.isdisjoint({"inbound", "mail-manager"})
    assert set(later.failed) == set(CHECKS)


def test_sends_unseen_on_the_page_are_those_of_the_marts(lake: Warehouse) -> None:
    trust = read_page(lake, Settings(), day=DAY, now=NOW).trust
    (row,) = lake.rows(
        """select sum(sends_unseen)::bigint as n, sum(sends + sends_unseen)::bigint as d from marts.daily"""
    )
    assert trust.unseen == Rate(row["n"], row["d"])
    assert row["n"] > 0


def ask(lake: Warehouse) -> Advice:
    return advise(lake, Settings(), day=DAY, now=NOW, dns=False)


@pytest.mark.parametrize(
    ("finding_type", "message", "found", "checked", "expected"),
    [
        (None, "DMARC configuration was not found.", "dmarc_policy", "dmarc_policy", "agree"),
        (None, "DMARC configuration was not found.", None, "dmarc_policy", "disagree"),
        (None, "DMARC configuration was not found.", "spf_all", "spf_all", "not judged"),
        (None, "Yahoo ISP has high complaint rate.", None, "complaint_rate", "disagree"),
        ("BOUNCE", "Over a representative volume.", "permanent_bounce_rate", "permanent_bounce_rate", "agree"),
        (None, "MAIL FROM record is not aligned.", None, None, "not judged"),
        (None, "Something new.", "dmarc_policy", "dmarc_policy", "not judged"),
    ],
)
def test_aws_and_we_agree_or_not(
    finding_type: str | None, message: str, found: str | None, checked: str | None, expected: str
) -> None:
    told = AwsFinding("identity:a.example", "recommendation", finding_type, None, message, NOW)
    ours = [make_finding(check=found, resource="identity:a.example")] if found else []
    pairs = {(checked, "identity:a.example")} if checked else set()
    (judged,) = compare([told], ours, pairs)
    assert judged.agreement == expected


def test_advice_sets_the_word_of_aws_beside_ours(lake: Warehouse) -> None:
    advice = ask(lake)
    stored = lake.value("select evidence from advisor.findings where resource = 'identity:acme.example'")
    (ours,) = [finding for finding in advice.findings if finding.resource == "identity:acme.example"]
    assert ours.as_dict()["evidence"]["aws"] == [
        {
            "kind": "recommendation", "type": "COMPLAINT", "impact": None, "first_seen_at": "2026-03-30T09:00:00Z",
            "message": "Yahoo ISP has high complaint rate.", "agreement": "not judged",
        }
    ]  # fmt: skip
    assert "aws" not in json.loads(stored), "what AWS says is not kept as ours"
    assert recall_agreement(lake, read_aws_findings(lake)) == advice.aws, "a page that is made later tells the same"
    assert "AWS says, since 2026-03-30: Yahoo ISP has high complaint rate." in describe_finding(ours)
    said = describe_advice(advice)
    assert "  AWS alone says of tenant:acme, since 2026-03-30: AWS has stopped its sending: High bounce rate." in said
    assert "Yahoo ISP" not in said, "it stands with our finding"
