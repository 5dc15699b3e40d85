from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailgauge.advisor import write_findings
from mailgauge.errors import MailgaugeError
from mailgauge.page_data import read_page, write_report
from mailgauge.pages import Page
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse
from report.report_samples import DAY, NOW, count, list_counts, make_finding

ADDRESS = "anna.private@example.org"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path) -> Path:
    """A warehouse with a week of counts, their twins by event day, two findings, and addresses of people."""
    folder = tmp_path_factory.mktemp("filled") / "warehouse"
    shutil.copytree(empty_warehouse, folder)
    rows = list_counts()
    late = count(DAY, "news.shop.example", "Yahoo", 0, 0, 0, 0, 0, 9, 0, 0, 0)
    with Warehouse(folder) as lake:
        lake.insert("marts.daily", rows)
        lake.insert("marts.daily_by_event_day", [*rows, late])
        seen = make_finding(day=DAY)
        muted = make_finding(resource="identity:mail.acme.example", day=DAY, muted_until=NOW + timedelta(days=1))
        write_findings(lake, [seen, muted])
        lake.execute(
            """
            insert into marts.outcomes by name
            select
                ? as recipient, 'm1' as message_id, ?::date as "day", 'Yahoo' as isp, 'domain' as isp_evidence,
                true as is_feedback_capable, false as is_simulator, ?::timestamp as sent_at
            """,
            [ADDRESS, DAY, NOW],
        )
        lake.insert(
            "raw.quarantine",
            [{"object_uri": "a", "position": 1, "reason": f"bad time: {ADDRESS}", "record": f'{{"to": "{ADDRESS}"}}'}],
        )
    return folder


@pytest.fixture(scope="module")
def page(filled: Path) -> Page:
    """The page of the day."""
    return read(filled)


def read(folder: Path, **settings: Any) -> Page:
    with Warehouse(folder, read_only=True) as lake:
        return read_page(lake, Settings(**settings), day=DAY, now=NOW)


def test_the_numbers_of_the_page_are_those_of_the_rows(page: Page, filled: Path) -> None:
    with Warehouse(filled, read_only=True) as lake:
        (row,) = lake.rows(
            """
            select
                sum(sends)::bigint as sends, sum(attempts)::bigint as attempts, sum(deliveries)::bigint as deliveries,
                sum(permanent_bounces)::bigint as permanent, sum(transient_bounces)::bigint as transient,
                sum(complaints)::bigint as complaints, sum(feedback_deliveries)::bigint as feedback,
                sum(opens)::bigint as opens, sum(clicks)::bigint as clicks
            from marts.daily where "day" = ?
            """,
            [DAY],
        )
    shown = {tile.label: (tile.rate.numerator, tile.rate.denominator) for tile in page.tiles if tile.rate}
    assert shown == {
        "Delivery": (row["deliveries"], row["attempts"]),
        "Permanent bounce": (row["permanent"], row["attempts"]),
        "Transient bounce": (row["transient"], row["attempts"]),
        "Delayed": (0, row["attempts"]),
        "Open": (row["opens"], row["deliveries"]),
        "Click": (row["clicks"], row["deliveries"]),
        "Suppressed": (0, row["sends"]),
    }
    assert page.hero
    assert (page.hero.rate.numerator, page.hero.rate.denominator) == (row["complaints"], row["feedback"])
    for table in page.tables:
        assert table.rows[-1].sends == row["sends"]


def test_the_alert_view_counts_by_the_day_of_the_event(page: Page) -> None:
    whole = {window.days: window.rate.numerator for window in page.windows if not window.names}
    assert whole == {1: 34 + 9, 7: 34 + 9 + 5 * 2}


def test_findings_are_shown_unless_muted(page: Page) -> None:
    (finding,) = page.findings
    assert finding.resource == "identity:news.shop.example"
    assert "touches 4,000 recipients of this day" in finding.so_what


def test_the_trend_is_as_long_as_the_settings_say(filled: Path) -> None:
    page = read(filled, report={"trend_days": 4})
    assert [day.sends for day in page.trend.days] == [0, 5000, 5000, 6040]
    assert page.trend.gaps == "No mail was sent on 1 of the 4 days (14 Mar): gaps, not zeros."


def test_the_file_is_named_after_the_day_and_replaced_whole(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "here"
    with Warehouse(filled, read_only=True) as lake:
        first = write_report(lake, Settings(), day=DAY, out=out, now=NOW, banner=["Two objects came late."])
        assert "Two objects came late." in first.read_text(encoding="utf-8")
        second = write_report(lake, Settings(), day=DAY, out=out, now=NOW, banner=[])
    assert first == second == out / "2026-03-17.html"
    assert "Two objects came late." not in second.read_text(encoding="utf-8")
    assert list(out.iterdir()) == [second]


def test_a_folder_that_cannot_be_written_is_one_sentence(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with (
        Warehouse(filled, read_only=True) as lake,
        pytest.raises(MailgaugeError, match=r"The report .* cannot be written: .*; name another folder\."),
    ):
        write_report(lake, Settings(), day=DAY, out=tmp_path / "file", now=NOW, banner=[])


def test_no_recipient_stands_in_the_page(filled: Path, tmp_path: Path) -> None:
    with Warehouse(filled, read_only=True) as lake:
        html = write_report(lake, Settings(), day=DAY, out=tmp_path, now=NOW, banner=[]).read_text(encoding="utf-8")
    assert "bad time" in html
    assert not re.search(r"anna\.private|@example\.org", html)
