"""Alerting through a real warehouse: what opens, joins, closes and is mailed, once each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailgauge import mails
from mailgauge.alerts import Alerted, alert
from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.mailer import PartlySentError
from mailgauge.settings import AlertSettings, Settings
from mailgauge.warehouse import Warehouse

DAY = date(2026, 3, 20)
SETTINGS = Settings(alert=AlertSettings(recipients=["ops@example.com"], sender="mailgauge@example.com"))
QUIET = Settings(alert=AlertSettings())
COUNTS = ("sends", "attempts", "deliveries", "permanent_bounces", "complaints", "feedback_deliveries")


@pytest.fixture
def lake(folder: Path) -> Iterator[Warehouse]:
    with Warehouse(folder) as opened:
        yield opened


def put(lake: Warehouse, day: date, complaints: int, deliveries: int, **changes: Any) -> None:
    """Add a row of marts.daily_by_event_day: by default of news.shop.example at Yahoo."""
    row: dict[str, Any] = {
        "day": day,
        "account_id": "123456789012",
        "region": "eu-west-1",
        "identity": "news.shop.example",
        "configuration_set": "newsletter",
        "tenant": None,
        "isp": "Yahoo",
        "complaints": complaints,
        "feedback_deliveries": deliveries,
        "deliveries": deliveries,
        "sends": deliveries,
        "attempts": deliveries,
        **changes,
    }
    columns = [r["column_name"] for r in lake.rows("describe marts.daily_by_event_day")]
    lake.insert("marts.daily_by_event_day", [{name: row.get(name, 0) for name in columns}])


def later(days: int) -> date:
    return DAY + timedelta(days=days)


class Box(list[EmailMessage]):
    """Stands where the mailer stands; `failures` are raised first, one a mail."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.failures = list(failures)

    def send(self, message: EmailMessage) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.append(message)

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self]


def run(lake: Warehouse, day: date, box: Box | None, settings: Settings = SETTINGS) -> Alerted:
    now = datetime.combine(day, datetime.min.time()) + timedelta(days=1, hours=3)
    return alert(lake, settings, day=day, now=now, send=box.send if box is not None else None)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_one_cause_is_one_incident_and_one_mail(lake: Warehouse) -> None:
    put(lake, DAY, 91, 10_000)
    put(lake, DAY, 0, 2_000, isp="Outlook")
    put(lake, DAY, 0, 50_000, isp="Gmail", feedback_deliveries=0)
    box = Box()
    done = run(lake, DAY, box)
    assert box.subjects == ["Complaint rate 0.91 % at Yahoo for news.shop.example (limit 0.3 %)"]
    assert (len(done.opened), done.updated, done.closed, done.unjudged, done.warning) == (1, [], [], [], "")
    scopes = json.loads(lake.value("select scopes from advisor.incidents"))
    held = {(scope["dimension"], scope["window_days"]) for scope in scopes}
    assert held == {(d, w) for d in ("account_id", "identity", "configuration_set", "isp") for w in (1, 7)}
    account = next(scope for scope in scopes if scope["dimension"] == "account_id")
    assert (account["numerator"], account["denominator"]) == (91, 12_000)
    assert account["low"] < account["rate"] < account["high"]


@pytest.mark.parametrize(("complaints", "deliveries"), [(30, 10_000), (3, 1_000), (2, 100), (0, 0)])
def test_at_the_limit_or_with_few_complaints_nothing_opens(lake: Warehouse, complaints: int, deliveries: int) -> None:
    put(lake, DAY, complaints, deliveries)
    box = Box()
    assert (run(lake, DAY, box).opened, box) == ([], [])


@pytest.mark.parametrize(("complaints", "deliveries"), [(31, 10_000), (3, 999), (3, 2)])
def test_just_over_the_limit_opens(lake: Warehouse, complaints: int, deliveries: int) -> None:
    put(lake, DAY, complaints, deliveries)
    assert len(run(lake, DAY, Box()).opened) == 1


def test_two_complaints_a_day_are_judged_in_the_longer_window(lake: Warehouse) -> None:
    put(lake, DAY, 2, 100)
    put(lake, later(-6), 1, 100)
    put(lake, later(-7), 1, 100_000)
    done = run(lake, DAY, Box())
    assert [(i.window_days, i.cell.complaints, i.cell.deliveries) for i in done.opened] == [(7, 3, 200)]


def test_complaints_above_deliveries_are_shown_as_they_are(lake: Warehouse) -> None:
    put(lake, DAY, 6, 2)
    box = Box()
    run(lake, DAY, box)
    assert "300.0 % (6 of 2; 95 % interval none" in text_of(box[0])


def test_complaints_without_deliveries_are_not_judged(lake: Warehouse) -> None:
    put(lake, DAY, 5, 0)
    done = run(lake, DAY, Box())
    assert done.opened == []
    assert any("identity news.shop.example has 5 complaints in 1 day" in sentence for sentence in done.unjudged)


def test_what_cannot_be_judged_closes_nothing(lake: Warehouse) -> None:
    put(lake, DAY, 9, 100)
    run(lake, DAY, Box())
    put(lake, later(8), 5, 0)
    done = run(lake, later(8), Box())
    assert (len(done.updated), done.closed) == (1, [])
    assert done.unjudged


def test_events_without_a_name_count_for_the_scopes_they_have(lake: Warehouse) -> None:
    put(lake, DAY, 9, 100, identity=None, configuration_set=None)
    box = Box()
    done = run(lake, DAY, box)
    assert {scope.dimension for scope in done.opened[0].scopes} == {"account_id", "isp"}
    assert "for mail without an identity" in box.subjects[0]
    assert len(run(lake, later(1), box).updated) == 1


def test_two_causes_are_two_incidents(lake: Warehouse) -> None:
    put(lake, DAY, 50, 5_000)
    put(lake, DAY, 20, 2_000, identity="other.example", isp="Comcast", configuration_set=None)
    box = Box()
    run(lake, DAY, box)
    assert len(box) == 2
    run(lake, later(1), box)
    assert len(box) == 2


def test_a_later_breach_with_the_same_cause_joins_without_mail(lake: Warehouse) -> None:
    put(lake, DAY, 10, 1_000)
    put(lake, DAY, 0, 50_000, identity="other.example", configuration_set="other")
    box = Box()
    first = run(lake, DAY, box).opened[0]
    assert {scope.dimension for scope in first.scopes} == {"identity", "configuration_set"}
    put(lake, later(1), 300, 10_000)
    second = run(lake, later(1), box).updated[0]
    assert {scope.dimension for scope in second.scopes} == {"identity", "configuration_set", "isp", "account_id"}
    assert len(box) == 1


def test_a_scope_whose_top_cell_shifts_stays(lake: Warehouse) -> None:
    put(lake, DAY, 10, 1_000)
    box = Box()
    run(lake, DAY, box)
    put(lake, later(1), 90, 1_000, isp="Comcast")
    done = run(lake, later(1), box)
    assert len(done.updated) == 1
    assert [i.cell.isp for i in done.opened] == ["Comcast"]  # the provider is a scope no incident held
    put(lake, later(2), 0, 1_000)
    run(lake, later(2), box)
    assert len(box) == 2


def test_it_closes_once_with_how_long_and_how_high(lake: Warehouse) -> None:
    box = Box()
    put(lake, DAY, 20, 1_000)
    put(lake, later(1), 40, 1_000)
    put(lake, later(9), 1, 1_000)
    for days in (0, 1, 9, 9, 10):
        run(lake, later(days), box)
    assert [s.split(" ")[0] for s in box.subjects] == ["Complaint", "Over:"]
    assert box.subjects[1] == (
        "Over: complaint rate at Yahoo for news.shop.example, now 0.10 % (peak 4.00 %, limit 0.3 %)"
    )
    text = text_of(box[1])
    assert "Lasted: 9 days, from 2026-03-20 to 2026-03-29" in text
    assert "Peak:   4.00 % (40 of 1,000;" in text


def test_a_breach_after_the_end_is_a_new_incident(lake: Warehouse) -> None:
    box = Box()
    put(lake, DAY, 20, 1_000)
    put(lake, later(20), 20, 1_000)
    for days in (0, 10, 20):
        run(lake, later(days), box)
    assert len(box) == 3
    assert lake.value("select count(*) from advisor.incidents") == 2


def test_an_over_wide_scope_does_not_keep_open_what_is_over(lake: Warehouse) -> None:
    """The account is over the limit by another incident's cause: the first one is over all the same."""
    box = Box()
    put(lake, DAY, 20, 1_000)
    run(lake, DAY, box)
    put(lake, later(8), 90, 1_000, identity="other.example", isp="Comcast", configuration_set=None)
    done = run(lake, later(8), box)
    assert [i.cell.identity for i in done.opened] == ["other.example"]
    assert [i.cell.identity for i in done.closed] == ["news.shop.example"]


def test_an_older_day_changes_and_sends_nothing(lake: Warehouse) -> None:
    box = Box()
    put(lake, later(-3), 20, 1_000)
    run(lake, later(5), box)  # a quiet day counts too
    done = run(lake, DAY, box)
    assert (done.opened, done.mails, box) == ([], [], [])
    assert "judged already" in done.warning
    assert lake.value("select count(*) from advisor.incidents") == 0


def test_the_same_day_again_changes_and_sends_nothing(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    box = Box()
    run(lake, DAY, box)
    before = lake.rows("select * from advisor.incidents")
    run(lake, DAY, box)
    assert lake.rows("select * from advisor.incidents") == before
    assert len(box) == 1


def test_late_deliveries_on_the_same_day_do_not_close(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    box = Box()
    run(lake, DAY, box)
    put(lake, DAY, 0, 1_000_000)
    assert run(lake, DAY, box).closed == []
    assert len(run(lake, later(1), box).closed) == 1


def test_a_mail_that_failed_is_sent_by_the_next_run_once(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    with pytest.raises(MailgaugeError, match="down"):
        run(lake, DAY, Box(MailgaugeError("the server is down")))
    assert lake.value("select opened_mail_at is null from advisor.incidents")
    put(lake, later(1), 50, 1_000)
    box = Box()
    run(lake, later(1), box)
    run(lake, later(1), box)
    assert box.subjects == ["Complaint rate 2.00 % at Yahoo for news.shop.example (limit 0.3 %)"]
    assert box[0]["Message-ID"].endswith(".opened@example.com>")


def test_a_failing_mail_holds_up_no_other(lake: Warehouse) -> None:
    put(lake, DAY, 50, 5_000)
    put(lake, DAY, 20, 2_000, identity="other.example", isp="Comcast", configuration_set=None)
    box = Box(MailgaugeError("refused"))
    with pytest.raises(MailgaugeError, match="refused"):
        run(lake, DAY, box)
    assert len(box) == 1
    run(lake, DAY, box)
    assert len(set(box.subjects)) == 2


def test_a_partly_sent_mail_is_not_sent_again(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    with pytest.raises(PartlySentError):
        run(lake, DAY, Box(PartlySentError("1 of 2 refused")))
    box = Box()
    run(lake, DAY, box)
    assert box == []


def test_a_dry_run_composes_and_changes_nothing(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    done = run(lake, DAY, None)
    assert len(done.mails) == len(done.opened) == 1
    assert "To: ops@example.com" in mails.render_dry_run(done.mails[0])
    assert lake.value("select count(*) from advisor.incidents") == 0
    assert lake.value("select count(*) from advisor.evaluations") == 0


def test_without_recipients_incidents_are_kept_and_who_is_named_later_hears_of_open_ones(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    box = Box()
    done = run(lake, DAY, box, QUIET)
    assert (len(done.opened), done.mails, box) == (1, [], [])
    assert "No alert.recipients" in done.warning
    run(lake, later(1), box)
    assert len(box) == 1


def test_without_recipients_no_mail_is_due_after_the_end(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    run(lake, DAY, Box(), QUIET)
    run(lake, later(9), Box(), QUIET)
    assert lake.rows("select opened_mail, closed_mail from advisor.incidents") == [
        {"opened_mail": "dropped", "closed_mail": "dropped"}
    ]
    box = Box()
    run(lake, later(10), box)
    assert box == []


def test_a_day_to_come_is_refused(lake: Warehouse) -> None:
    with pytest.raises(UsageError, match="has not begun"):
        alert(lake, SETTINGS, day=DAY, now=datetime(2026, 3, 19, 12), send=None)  # noqa: DTZ001 (UTC without saying so)


def test_the_cause_shows_its_volume_and_bounces_against_the_week_before(lake: Warehouse) -> None:
    for days in range(1, 8):
        put(lake, later(-days), 0, 1_000, permanent_bounces=2)
    put(lake, DAY, 30, 5_000, permanent_bounces=400)
    box = Box()
    run(lake, DAY, box)
    text = text_of(box[0])
    assert "5,000 a day in 1 day; 1,000 a day in the 7 days before" in text
    assert "8.00 % (400 of 5,000; 95 % interval 7.28 to 8.78 %)" in text
    assert "0.20 % (14 of 7,000;" in text
    assert "wrongly imported list" in text
    assert "100 % of the complaints that are too many in account 123456789012" in text


def test_hostile_names_break_nothing(lake: Warehouse) -> None:
    name = (
        "x.example\r\nBcc: thief@example.net\r\n\r\n<script>alert('1')</script>\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}'; drop"
    )
    put(lake, DAY, 20, 1_000, identity=name, configuration_set="<img src=x>")
    box = Box()
    run(lake, DAY, box)
    run(lake, DAY, box)
    (message,) = box
    assert message["Bcc"] is None
    assert b"\nBcc" not in message.as_bytes()
    assert "<script" not in text_of(message, "html")
    assert "<img" not in text_of(message, "html")
    assert "\x1b" not in text_of(message) + mails.render_dry_run(message)
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text_of(message) + str(message["Subject"])


def test_the_mail_is_what_mail_should_be(lake: Warehouse) -> None:
    put(lake, DAY, 20, 1_000)
    put(lake, later(9), 1, 1_000)
    box = Box()
    run(lake, DAY, box)
    run(lake, later(9), box)
    for message in box:
        assert message.get_content_type() == "multipart/alternative"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["From"] == "mailgauge@example.com"
        html = text_of(message, "html")
        assert "http" not in html
        assert "src=" not in html
        assert "url(" not in html
        message.as_bytes().decode("ascii")
    assert box[0]["Date"] == "Sat, 21 Mar 2026 03:00:00 +0000"
    assert len({message["Message-ID"] for message in box}) == 2
    for line in ("Gmail and Apple report no complaints", "--since 2026-03-07", "1. Hold", "0.5 %  AWS may pause"):
        assert line in text_of(box[0])


def test_the_html_keeps_its_looks_without_its_style_element(lake: Warehouse) -> None:
    """Mail clients drop style elements, and show nothing that must be fetched."""
    put(lake, DAY, 91, 10_000, identity='x" class="band" onclick="y')
    box = Box()
    run(lake, DAY, box)
    body = text_of(box[0], "html").split("<body>", 1)[1]
    assert re.search(r'<td class="band band-opened name" style="[^"]*background: #b42318;', body)
    assert not re.search(r"<(td|th)(?![^>]*style=)", body)
    assert not re.search(r"<script|<img|<link|https?://|url\(|\sonclick=\"", body)


def test_an_alert_that_closes_for_want_of_mail_is_not_called_good(lake: Warehouse) -> None:
    put(lake, DAY, 91, 10_000)
    box = Box()
    run(lake, DAY, box)
    run(lake, later(10), box)
    assert "Whether the cause is gone is not known." in text_of(box[1])
    assert "no longer over" not in text_of(box[1], "html")
