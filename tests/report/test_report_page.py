from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailgauge import charts, paths
from mailgauge.page_data import read_page
from mailgauge.page_figures import COMPLAINT, SUPPRESSED, Event, Part
from mailgauge.page_parts import compose_page
from mailgauge.page_sections import PlainSection
from mailgauge.page_streams import CHECKS, Ingress, Rule
from mailgauge.pages import Page, render_page
from mailgauge.rates import Rate
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse
from report.report_samples import (
    DAY,
    NOW,
    count,
    list_aws,
    list_counts,
    list_received,
    list_systems,
    make_figures,
    make_finding,
    make_page,
    make_status,
    rates,
)

GOLD = Path(__file__).parent.parent / "gold" / "report_page.html"
PLOTLY = (paths.REPORTS / "vendor" / "plotly-basic.min.js").read_text(encoding="utf-8")


def strip(html: str) -> str:
    """The page as its template and figures make it: without the 1.2 MB of plotly, whose bytes a test below holds."""
    return html.replace(PLOTLY, "/* plotly-basic.min.js */")


def read_data(html: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    made: dict[str, object] = json.loads(found.group(1))
    return made


def section_of(page: Page, key: str) -> PlainSection:
    (found,) = (section for section in page.sections if section.key == key)
    return found


def body(html: str) -> str:
    """What a reader sees, before the data and the scripts."""
    return html.split("<body>", 1)[1].split('<script type="application/json"', 1)[0]


def test_the_page_is_the_gold_page() -> None:
    """A page made of fixed figures stays as it is kept in tests/gold/report_page.html.

    When a change of the page is meant, look at it in a browser, then renew the gold page with
    `python tests/report/renew_gold.py` and read its diff.
    """
    assert strip(render_page(make_page())) == GOLD.read_text(encoding="utf-8")


def test_plotly_is_the_release_that_its_licence_says() -> None:
    assert PLOTLY.startswith("/**\n* plotly.js (basic - minified) v4.1.1\n")
    assert "MIT" in (paths.REPORTS / "vendor" / "plotly-basic.LICENSE").read_text(encoding="utf-8")


def test_the_policy_allows_nothing_but_what_stands_in_the_page() -> None:
    html = render_page(make_page())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    rules = dict(rule.split(" ", 1) for rule in policy.group(1).replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    for name, many in {"script-src": 2, "style-src": 2}.items():
        assert re.fullmatch(r"('sha256-[\w+/]{43}=' ?)+", rules[name])
        assert len(rules[name].split()) == many
    assert not re.search(r"\sstyle=|\son\w+=|<link|<img|<iframe|src=", body(html))


def test_the_rates_have_a_sentence_a_figure_and_their_counts() -> None:
    text = body(render_page(make_page()))
    assert "Complaints at Yahoo rose to 0.92\u00a0% for news.shop.example" in text
    assert '<p class="giant tone-bad">0.91\u00a0%</p>' in text
    assert "34 of 3,739 deliveries" in text
    assert "by day of sending" in text
    assert "complaints on the day they came, whenever the mail was sent" in text


def test_no_data_and_too_few_are_words() -> None:
    page = make_page()
    (table,) = (table for table in page.tables if table.key == "isp")
    said = {row.name: row.cells[table.columns.index("Complaint")].text for row in table.rows}
    assert said == {
        "Yahoo": "0.92 %",
        "Gmail": "no data: sends SES no reports",
        "Orange": "too few",
        "All mail": "0.91 %",
    }
    assert "no data: sends SES no reports" in body(render_page(page))


def test_a_colour_never_stands_alone() -> None:
    """Who sees no colours reads the line that a rate is over, and whether a change is for worse."""
    text = body(render_page(make_page()))
    assert '<span class="line">over 0.5\u00a0%</span>' in text
    assert "▲ worse" in text
    assert "▼ worse" in text


def test_a_rate_that_may_be_chance_has_no_colour() -> None:
    rows = [*list_counts(), count(DAY, "few.example", "Orange", 150, 150, 146, 4, 0, 0, 146, 0, 0)]
    (table,) = (table for table in make_page(rows=rows).tables if table.key == "identity")
    cells = dict(zip(table.columns, next(row for row in table.rows if row.name == "few.example").cells, strict=True))
    bounce, opens = cells["Permanent bounce"], cells["Open"]
    assert (bounce.text, bounce.line, bounce.level) == ("2.67 %", "over 2 %, may be chance", 0)
    assert opens.text == "none seen", "what is not tracked is not 0 %"


def test_the_headline_names_what_points_at_a_cause() -> None:
    deck = " ".join(make_page().headline.deck)
    assert "complaints are of mail with the subjects “Your parcel waits” (24 of 900, 2.67 %)" in deck
    assert "Permanent bounces of the same identity at Yahoo rose too, from 0.67 % the day before to 6.00 %." in deck
    assert "First step: hold the mail of news.shop.example to Yahoo" in deck


def test_a_bad_day_after_a_bad_day_still_differs_from_the_usual() -> None:
    """What began yesterday is no noise today: it is told against the usual."""
    usual = {COMPLAINT.name: Rate(8, 12_000), SUPPRESSED.name: Rate(0, 12_100)}
    figures = make_figures(usual_since=DAY - timedelta(days=29))
    bad = {DAY: rates(list_counts()[-3]), figures.day_before: rates(list_counts()[-3])}
    cell = Part(("news.shop.example", "Yahoo"), bad, usual, 28)
    whole = replace(figures.whole, usual=usual, usual_days=28, days={**figures.whole.days, **bad})
    page = compose_page(replace(figures, cells=(cell,), whole=whole))
    assert page.movers[0].verdict == "Worse than usual, within the noise of the day before"
    assert page.headline.sentence.startswith("Complaints at Yahoo stand at 0.92 %")


def test_findings_with_one_cause_are_one() -> None:
    evidence = {"numerator": 32, "denominator": 6000, "rate": 0.0053, "line": 0.005, "line_meaning": "AWS may pause"}
    of = {"check": "complaint_rate", "kind": "rate"}
    yahoo = make_finding(**of, resource="isp:Yahoo", evidence=evidence, title="Yahoo")
    account = make_finding(**of, resource="account:1", evidence=evidence | {"denominator": 9000, "rate": 0.0035})
    other = make_finding(**of, resource="identity:b.example", evidence=evidence | {"numerator": 4, "rate": 0.004})
    where = {"account_id": "1", "isp": "Yahoo", "identity": "a.example"}
    events = (
        Event("complaint_rate", where, 32),
        Event("complaint_rate", where | {"isp": "Orange", "identity": "b.example"}, 4),
    )
    lines = make_page(findings=(account, yahoo, other), events=events).findings
    assert [(one.resource, one.also) for one in lines] == [
        ("isp:Yahoo", ("account 1 0.36 % (32 of 9,000)",)),
        ("identity:b.example", ()),
    ]


def test_what_was_not_checked_is_not_called_good() -> None:
    assert make_page(findings=()).findings_sentence == "Nothing found, but 1 check was not made, see below."
    calm = make_page(findings=(), not_checked=())
    assert calm.findings_sentence == "The advisor checked everything and found nothing."


def test_a_sum_row_equals_its_parts() -> None:
    page = make_page()
    assert [table.key for table in page.tables] == ["isp", "identity", "configuration_set"]
    for table in page.tables:
        *parts, total = table.rows
        assert total.sends == sum(row.sends for row in parts) == 6040
        for index, cell in enumerate(total.cells):
            assert cell.rate.numerator == sum(row.cells[index].rate.numerator for row in parts)
            assert cell.rate.denominator == sum(row.cells[index].rate.denominator for row in parts)


def test_a_day_without_mail_is_a_gap_in_every_chart() -> None:
    complaints, delivery, volume = charts.make_charts(make_page().trend)
    line = complaints.figure["data"][1]
    assert line["x"][4] == "2026-03-14"
    assert line["y"][4] is None
    assert line["connectgaps"] is False
    assert "2026-03-14" not in volume.figure["data"][0]["x"]
    assert ("14 Mar", "no data", "no data", "no data") in delivery.rows
    assert len([x for x in complaints.figure["data"][0]["x"] if x is None]) == 2, "one band before the gap, one after"


def test_an_empty_warehouse_makes_an_honest_page(folder: Path) -> None:
    with Warehouse(folder, read_only=True) as lake:
        page = read_page(lake, Settings(), day=DAY, now=NOW)
    html = render_page(page)
    text = body(html)
    assert "No mail was sent on 17 March 2026" in text
    assert "The warehouse holds no events" in text
    assert "0.00" not in text
    assert "0\u00a0%" not in text.replace("0.3\u00a0%", "")
    assert "under the" not in text, "a rate that nobody knows is under no line"
    assert read_data(html)["figures"] == {}


@pytest.mark.parametrize(
    "hostile",
    [
        "</script><script>window.hit=1</script>",
        '"><img src=x onerror=window.hit=1>',
        "{{ 7*7 }}{% for x in y %}",
        "<!--<script>",
        "a\u202eb\x00c",
        "javascript:window.hit=1",
    ],
)
def test_names_from_strangers_are_text(hostile: str) -> None:
    rows = list_counts(identity=hostile, letters=hostile)
    finding = make_finding(
        title=hostile,
        resource=f"identity:{hostile}",
        remedy=hostile,
        evidence={"name": hostile, "records": [hostile]},
        reference_urls=(hostile, "https://docs.example/a"),
    )
    status = make_status(objects_failed=1, failed=[{"object_uri": hostile, "error": hostile}])
    page = make_page(
        rows=rows,
        findings=(finding,),
        banner=(hostile,),
        not_checked=(hostile,),
        status=status,
        aws=list_aws(hostile, hostile),
        systems=list_systems(hostile, hostile, hostile),
        pools={hostile: ["198.51.100.7"]},
        received=list_received(hostile),
        ingress=(Ingress(hostile, hostile, 1, 1, Rate(1, 2), Rate(1, 2)),),
        rules=(Rule(hostile, hostile, hostile, Rate(1, 2), Rate(1, 2), 0),),
    )
    html = render_page(page)
    shown = strip(html)
    assert shown.count("<script") == GOLD.read_text(encoding="utf-8").count("<script")
    assert not re.search(r"<img|href=\"javascript|\u202e|\x00", body(html))
    assert read_data(html)["page"]


def test_what_aws_says_stands_beside_what_we_found() -> None:
    words = make_page().aws
    assert words
    assert [(row.resource, [one.text for one in row.aws][:1], row.ours) for row in words.rows] == [
        (
            "identity news.shop.example",
            ["Yahoo ISP has high complaint rate."],
            ("news.shop.example has no DMARC record.",),
        ),
        ("tenant acme", ["The bounce rate exceeded 15.0% based on a representative volume of 197 emails."], ()),
    ]
    assert [one.note for one in words.rows[1].aws] == [
        "BOUNCE · HIGH impact · since 2026-03-18 · we looked, and do not find it",
        "sending status · since 2026-03-18",
    ]
    assert words.sentence.endswith("On 1 of them a finding of ours is open, too. On 1 only AWS says something.")
    assert [one.note for one in words.rows[0].aws] == ["COMPLAINT · since 2026-03-18 · our findings agree"]
    alone = make_page(findings=()).aws
    assert alone
    assert alone.sentence == "AWS tells of 3 open things on 2 resources. Only AWS says so."


def test_a_finding_about_what_the_page_does_not_break_down_says_what_was_seen_and_nothing_of_its_mail() -> None:
    said = "The most in one second were 28 recipients; the quota is 14."
    finding = make_finding(check="sending_limit", resource="region:1/eu-west-1", evidence={"said": said})
    (line,) = make_page(findings=(finding,)).findings
    assert line.so_what == said


def test_a_stream_that_told_nothing_has_no_section() -> None:
    page = make_page(systems={}, aws=(), received=(), ingress=(), rules=())
    assert (page.aws, [section.key for section in page.sections]) == (None, [])
    assert not re.search(r"What AWS says|Tenants|Dedicated IPs|Mail received|Mail Manager", body(render_page(page)))


def test_mail_received_is_summed_and_its_failures_divided_last() -> None:
    many = tuple(replace(list_received(f"d{at}.example")[0], count=2000 - at) for at in range(20))
    (table,) = section_of(make_page(received=many), "inbound").tables
    assert [row.kind for row in table.rows] == ["named"] * 15 + ["rest", "total"]
    assert (table.rows[15].name, table.rows[15].counts) == ("5 smaller ones together", ("9,915",))
    assert (table.rows[16].counts, table.rows[16].shares[0].counts) == (("39,810",), "4,800 of 40,000")
    small = section_of(make_page(), "inbound").tables[0].rows[1]
    assert (small.name, small.shares[0].text, small.shares[0].span) == ("acme.example", "too few", "8 days: 5.00 %")


def test_nothing_received_on_the_day_is_no_share() -> None:
    quiet = replace(list_received()[0], count=0, failed={check: Rate(0, 0) for check in CHECKS}, actions={})
    section = section_of(make_page(received=(quiet,)), "inbound")
    assert section.sentence == "Nothing was received on this day; 14,000 recipients over 8 days."
    assert {share.text for row in section.tables[0].rows for share in row.shares} == {"no data"}


def test_mail_manager_tells_policies_under_their_ingress_point_and_failures_first() -> None:
    section = section_of(make_page(), "mail-manager")
    points, rules = section.tables
    assert [(row.name, row.kind, row.counts, row.shares[0].counts) for row in points.rows] == [
        ("front", "named", ("1,200", "1,790"), "310 of 2,100"),
        ("policy tp-a1", "part", ("", "1,790"), "310 of 2,100"),
    ]
    assert [(row.name, row.counts, row.shares[0].text) for row in rules.rows] == [
        ("inbox · archive · WRITE_TO_S3", ("1,186", "2"), "1.17 %"),
        ("inbox · drop spam · DROP", ("90", "0"), "too few"),
    ]


def test_what_no_log_tells_of_mail_manager_is_not_zero() -> None:
    section = section_of(make_page(ingress=()), "mail-manager")
    assert section.sentence == "14 of 1,290 rule actions failed."


def test_sends_unseen_are_told_with_number_and_share() -> None:
    text = body(render_page(make_page()))
    assert "<dt>Sends unseen</dt><dd>12 (0.20\u00a0%)</dd>" in text
    assert "12 of 6,052 recipients (0.20\u00a0%) have feedback and no Send event" in text
    none = body(render_page(make_page(unseen=Rate(0, 6040), unseen_month=Rate(0, 33040))))
    assert "<dt>Sends unseen</dt><dd>0</dd>" in none
    assert "no Send event" not in none


def test_a_day_whose_sends_are_all_unseen_is_not_called_a_day_without_mail_alone() -> None:
    deck = " ".join(make_page(rows=[], unseen=Rate(5, 5), unseen_month=Rate(5, 5)).headline.deck)
    assert "5 of 5 recipients (100.0 %) have feedback and no Send event" in deck


def test_data_in_doubt_is_said_at_the_top_and_at_the_end() -> None:
    status = make_status(objects_failed=2, disagreements=["5 recipients that marts.daily counts otherwise"])
    text = body(render_page(make_page(status=status)))
    assert '<p class="trust-line warn">' in text
    assert "2 objects could not be read" in text
    assert "The sums do not agree: 5 recipients" in text


def test_a_peak_on_the_day_itself_is_one_mark() -> None:
    hero = make_page().hero
    assert hero
    gauge = charts.draw_gauge(hero)
    assert gauge.peak is None
    assert gauge.today
    assert gauge.today.text == "0.91 % on 17 Mar, the peak of 8 days"
    earlier = charts.draw_gauge(replace(hero, peak=Rate(60, 3000)))
    assert earlier.peak
    assert earlier.peak.at > gauge.lines[-1].at


def test_a_sparkline_breaks_at_a_gap() -> None:
    spark = charts.draw_spark([1.0, 2.0, None, 3.0])
    assert spark.path.count("M") == 2
    assert spark.dot == (129, 3)
    assert charts.draw_spark([None, None]) == charts.Spark("", None)


def test_the_colours_have_enough_contrast() -> None:
    """WCAG AA asks 4.5 to 1 for text; both modes, on the page, on cards and on their washes."""
    css = (paths.REPORTS / "page.css").read_text(encoding="utf-8")
    modes = [block for block in re.findall(r"\{([^{}]*)\}", css) if "--paper:" in block]
    assert len(modes) == 2
    for block in modes:
        color = dict(re.findall(r"--([\w-]+): (#\w{6});", block))
        for text in ("ink", "muted", "accent", "bad", "warn", "good"):
            for ground in ("paper", "card"):
                assert contrast(color[text], color[ground]) >= 4.5, (text, ground)
        for text in ("bad", "warn", "good"):
            assert contrast(color[text], color[f"{text}-wash"]) >= 4.5, text
        for wash in ("bad-wash", "warn-wash"):
            assert contrast(color["muted"], color[wash]) >= 4.5, wash


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_page_is_made_of_values_alone() -> None:
    """The same figures make the same page, byte for byte."""
    first: Page = make_page()
    assert first == make_page()
    assert render_page(first) == render_page(make_page())
    assert make_figures() == make_figures()
