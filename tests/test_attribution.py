"""Whose mailbox it is: the order of evidence, what responses tell, and what they must not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from documents import as_lines, change, read_fixture, write_dump
from mailgauge.expiry import expire
from mailgauge.ingest import ingest
from mailgauge.marts import COUNTED, build_marts
from mailgauge.page_data import read_page
from mailgauge.pages import render_page
from mailgauge.settings import Settings
from mailgauge.sources import list_objects
from mailgauge.trace import read_trace
from mailgauge.warehouse import Warehouse
from moments import NOW

GOOGLE = "250 2.0.0 OK  1785153071 41be03b00d2f7-cbbb67149cesi11379409a12.176 - gsmtp"
MICROSOFT = "250 2.6.0 <0100@email.amazonses.com> [InternalId=1, Hostname=DB9P251MB0.EURP251.PROD.OUTLOOK.COM] Queued"
PROOFPOINT = "554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1"
MIMECAST = "250 SmtpThread-577396-1596028476592@uk-mta-123.uk.mimecast.lan Received OK [EES-l2g.uk123]"
YANDEX = "250 2.0.0 Ok: queued on mxfront1.mail.yandex.net"
PLAIN = "250 2.0.0 Ok: queued as 4Zk"


def deliver(message: str, recipient: str, response: str = PLAIN) -> dict[str, Any]:
    document = change(read_fixture("delivery"), "mail.messageId", message)
    document = change(document, "mail.destination", [recipient])
    document = change(document, "delivery.recipients", [recipient])
    return change(document, "delivery.smtpResponse", response)


def bounce(message: str, recipient: str, diagnostic: str | None, host: str | None = None) -> dict[str, Any]:
    document = change(read_fixture("bounce-permanent"), "mail.messageId", message)
    document = change(document, "mail.destination", [recipient])
    told = {"emailAddress": recipient, "status": "5.1.1", "action": "failed", "diagnosticCode": diagnostic}
    document = change(document, "bounce.feedbackId", f"{message}-{recipient}")
    document = change(document, "bounce.reportingMTA", host or "dsn; a8-70.smtp-out.amazonses.com")
    return change(document, "bounce.bouncedRecipients", [told])


def complain(message: str, recipient: str) -> dict[str, Any]:
    document = change(read_fixture("complaint"), "mail.messageId", message)
    document = change(document, "complaint.feedbackId", f"{message}-{recipient}")
    document = change(document, "mail.destination", [recipient])
    return change(document, "complaint.complainedRecipients", [{"emailAddress": recipient}])


@pytest.fixture
def attribute(dumps: Path, folder: Path, build: Callable[..., object]) -> Callable[..., dict[str, tuple[Any, ...]]]:
    """Build with documents, and tell isp, evidence, clue and gateway of each message."""

    def run(*documents: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
        write_dump(dumps / f"{len(list(dumps.iterdir()))}", as_lines(list(documents)))
        build()
        return read_outcomes(folder)

    return run


def read_outcomes(folder: Path) -> dict[str, tuple[Any, ...]]:
    with Warehouse(folder, read_only=True) as lake:
        rows = lake.rows("select message_id as m, isp, isp_evidence, isp_clue, gateway from marts.outcomes")
    return {row["m"]: tuple(row.values())[1:] for row in rows}


Attribute = Callable[..., dict[str, tuple[Any, ...]]]


@pytest.mark.parametrize(
    ("recipient", "response", "wanted"),
    [
        ("a@gmail.com", GOOGLE, ("Gmail", "domain", "gmail.com", None)),
        ("a@gmail.com", MICROSOFT, ("Gmail", "domain", "gmail.com", None)),
        ("a@hotmail.com", MICROSOFT, ("Outlook", "domain", "hotmail.com", None)),
        ("a@acme.example", GOOGLE, ("Google Workspace", "response", "gsmtp", None)),
        ("a@acme.example", MICROSOFT, ("Microsoft 365", "response", "prod.outlook.com", None)),
        ("a@acme.example", MIMECAST, ("Other", "none", None, "Mimecast")),
        ("a@acme.example", PLAIN, ("Other", "none", None, None)),
        ("a@acme.example", YANDEX, ("Yandex 360", "response", "yandex.net", None)),
        ("a@acme.example", "", ("Other", "none", None, None)),
    ],
)  # fmt: skip
def test_the_domain_of_a_mailbox_comes_first_then_the_response(
    recipient: str, response: str, wanted: tuple[Any, ...], attribute: Attribute
) -> None:
    assert attribute(deliver("m", recipient, response))["m"] == wanted


@pytest.mark.parametrize(
    "response",
    [
        "250 ok <anna@gsmtp.example> accepted",
        "250 ok <anna@x.mail.protection.outlook.com> accepted",
        "250 ok gsmtp.example accepted",
        "250 ok notgsmtp gsmtpx xprod.outlook.com.example",
        "250 ok see https://example.com/?host=prod.outlook.com",
        "554 5.7.1 blocked using b.barracudacentral.org",
        "250 gsmt\N{LATIN SMALL LETTER DOTLESS I}p \x00 '; drop table raw.events; --",
        "prod.outlook." * 5000,
    ],
)
def test_hostile_text_tells_nothing(response: str, attribute: Attribute) -> None:
    assert attribute(deliver("m", "a@acme.example", response))["m"] == ("Other", "none", None, None)


def test_a_bounce_tells_by_its_text_or_its_reporting_host(attribute: Attribute) -> None:
    found = attribute(
        bounce("text", "a@one.example", "smtp; 550-5.1.1 no such user gsmtp"),
        bounce("host", "a@two.example", None, "dns; BL0PR01.prod.outlook.com"),
        bounce("gateway", "a@three.example", f"smtp; {PROOFPOINT}"),
        bounce("relayed", "a@four.example", "smtp; 550 host gmail-smtp-in.l.google.com said: 550 no such user - gsmtp"),
    )
    assert found == {
        "text": ("Google Workspace", "response", "gsmtp", None),
        "host": ("Microsoft 365", "response", "prod.outlook.com", None),
        "gateway": ("Other", "none", None, "Proofpoint"),
        "relayed": ("Other", "none", None, None),
    }


def test_a_delivery_tells_more_than_a_bounce_of_the_same_message(attribute: Attribute) -> None:
    found = attribute(bounce("m", "a@acme.example", "smtp; 550 no - gsmtp"), deliver("m", "a@acme.example", MICROSOFT))
    assert found["m"][:3] == ("Microsoft 365", "response", "prod.outlook.com")


def test_other_mail_to_a_domain_tells_what_a_silent_bounce_does_not(attribute: Attribute) -> None:
    silent = bounce("silent", "b@acme.example", "smtp; 550 5.1.1 user unknown")
    assert attribute(silent)["silent"][:2] == ("Other", "none")
    assert attribute(deliver("told", "a@acme.example", GOOGLE)) == {
        "silent": ("Google Workspace", "other_mail", "gsmtp", None),
        "told": ("Google Workspace", "response", "gsmtp", None),
    }


def test_where_responses_conflict_each_message_has_its_own_and_most_win_the_rest(attribute: Attribute) -> None:
    found = attribute(
        deliver("g", "a@acme.example", GOOGLE),
        deliver("m1", "b@acme.example", MICROSOFT),
        deliver("m2", "c@acme.example", MICROSOFT),
        deliver("plain", "d@acme.example"),
    )
    assert {name: row[:2] for name, row in found.items()} == {
        "g": ("Google Workspace", "response"), "m1": ("Microsoft 365", "response"),
        "m2": ("Microsoft 365", "response"), "plain": ("Microsoft 365", "other_mail"),
    }  # fmt: skip
    more = [deliver(f"g{number}", "e@acme.example", GOOGLE) for number in range(2)]
    assert attribute(*more)["plain"][:2] == ("Google Workspace", "other_mail")


def test_mail_that_went_straight_to_a_provider_shows_no_gateway(attribute: Attribute) -> None:
    found = attribute(
        deliver("straight", "a@acme.example", GOOGLE),
        bounce("filtered", "b@acme.example", f"smtp; {PROOFPOINT}"),
        deliver("plain", "c@acme.example"),
    )
    assert found["straight"] == ("Google Workspace", "response", "gsmtp", None)
    assert found["filtered"] == ("Google Workspace", "other_mail", "gsmtp", "Proofpoint")
    assert found["plain"] == ("Google Workspace", "other_mail", "gsmtp", "Proofpoint")


def test_the_parts_sum_to_the_whole_and_none_lacks_a_provider(attribute: Attribute, folder: Path) -> None:
    people = ["a@gmail.com", "a@acme.example", "b@beta.example", "c@gamma.example"]
    attribute(*[deliver(who, who, text) for who, text in zip(people, [GOOGLE, GOOGLE, MIMECAST, PLAIN], strict=True)])
    with Warehouse(folder, read_only=True) as lake:
        kinds = lake.rows("select isp, isp_kind, gateway from marts.outcomes order by recipient")
        parts = lake.rows("select isp, sum(deliveries)::int as n from marts.daily group by isp order by isp")
    assert [tuple(row.values()) for row in kinds] == [
        ("Google Workspace", "hosted", None), ("Gmail", "consumer", None), ("Other", "other", "Mimecast"),
        ("Other", "other", None),
    ]  # fmt: skip
    assert parts == [{"isp": "Gmail", "n": 1}, {"isp": "Google Workspace", "n": 1}, {"isp": "Other", "n": 2}]


def test_a_trace_shows_the_provider_of_the_outcome(attribute: Attribute, folder: Path) -> None:
    send = change(change(read_fixture("send"), "mail.messageId", "m"), "mail.destination", ["a@acme.example"])
    attribute(send, deliver("m", "a@acme.example", GOOGLE), deliver("n1", "b@acme.example", MICROSOFT),
              deliver("n2", "b@acme.example", MICROSOFT))  # fmt: skip
    with Warehouse(folder, read_only=True) as lake:
        assert {event["isp"] for event in read_trace(lake, "m").events} == {"Google Workspace"}


def test_a_complaint_is_of_the_provider_that_the_delivery_told(attribute: Attribute, folder: Path) -> None:
    def capable() -> set[str]:
        with Warehouse(folder, read_only=True) as lake:
            listed = "select isp from staging.isps where can_complain"
            return {row["isp"] for row in lake.rows(f"select isp from marts.feedback_isps except {listed}")}

    attribute(complain("m", "a@acme.example"))
    assert capable() == {"Other"}
    attribute(deliver("m", "a@acme.example", MICROSOFT))
    assert capable() == {"Microsoft 365"}


def test_what_expired_mail_told_of_a_domain_is_still_known(attribute: Attribute, folder: Path) -> None:
    attribute(deliver("old", "a@acme.example", GOOGLE))
    with Warehouse(folder) as lake:
        assert expire(lake, keep_days=1, now=NOW).messages == 1
    late = change(deliver("new", "b@acme.example"), "mail.timestamp", NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    assert attribute(late)["new"][:2] == ("Google Workspace", "other_mail")
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW, full=True)
    assert read_outcomes(folder)["new"][:2] == ("Google Workspace", "other_mail")


def test_the_report_opens_other_by_domain_and_names_no_domain_of_few(attribute: Attribute, folder: Path) -> None:
    many = [deliver(f"m{place}", f"p{place}@many&co.example", MIMECAST) for place in range(3)]
    few = [deliver(f"f{place}", f"p{place}@family.example") for place in range(2)]
    bounced = bounce("b0", "p0@many&co.example", "smtp; 550 no")
    attribute(*many, *few, bounced, deliver("g", "a@google.example", GOOGLE))
    with Warehouse(folder, read_only=True) as lake:
        html = render_page(read_page(lake, Settings(), day=date(2026, 3, 30), now=NOW))
    section = html.split('id="others"', 1)[1].split("</section>", 1)[0]
    cells = [re.sub("<[^>]*>", "|", row) for row in section.split("<tr>")[2:]]
    assert [[cell for cell in row.strip().split("|") if cell.strip()] for row in cells] == [
        ["many&amp;co.example", "Mimecast", "0", "3", "1"],
        ["1 smaller domain together", "0", "2", "0"],
    ]
    assert "family.example" not in html


LATE = st.lists(
    st.tuples(
        st.sampled_from(["delivery", "bounce", "complaint"]),
        st.integers(0, 4),
        st.sampled_from(["acme", "beta"]),
        st.sampled_from([GOOGLE, MICROSOFT, MIMECAST, PROOFPOINT, PLAIN, PLAIN]),
    ),
    min_size=2,
    max_size=10,
)


def make_late(kind: str, message: int, domain: str, text: str) -> dict[str, Any]:
    who, name = f"p{message}@{domain}.example", f"m{message}"
    if kind == "complaint":
        return complain(name, who)
    return deliver(name, who, text) if kind == "delivery" else bounce(name, who, f"smtp; {text}")


def read_all(lake: Warehouse) -> dict[str, list[str]]:
    names = ("outcomes", "feedback_isps", "domain_isps", *COUNTED)
    return {name: sorted(str(row) for row in lake.rows(f"select * from marts.{name}")) for name in names}


@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=LATE)
def test_late_evidence_gives_the_rows_of_a_rebuild(
    events: list[Any], tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path
) -> None:
    tmp_path = tmp_path_factory.mktemp("late")
    shutil.copytree(empty_warehouse, tmp_path / "warehouse")
    with Warehouse(tmp_path / "warehouse") as lake:
        for place in range(0, len(events), 3):
            part = [make_late(*event) for event in events[place : place + 3]]
            write_dump(tmp_path / "dumps" / f"{place}", as_lines(part))
            ingest(lake, list_objects([str(tmp_path / "dumps")]), now=NOW)
            build_marts(lake, now=NOW)
        incremental = read_all(lake)
        build_marts(lake, now=NOW, full=True)
        assert incremental == read_all(lake)
