"""What became of each message: the counts, their rules, and increments that equal a rebuild."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from documents import FIXTURES, TYPES, as_lines, change, read_fixture, write_dump
from mailgauge import paths, touched
from mailgauge.ingest import ingest
from mailgauge.marts import COUNTED, build_marts
from mailgauge.metrics import Question, read_metric
from mailgauge.sources import list_objects
from mailgauge.status import read_status
from mailgauge.warehouse import Warehouse
from mailgauge.words import describe_status
from moments import NOW

DAY, NEXT = date(2026, 3, 30), date(2026, 3, 31)


def read(folder: Path, query: str) -> list[dict[str, Any]]:
    with Warehouse(folder, read_only=True) as lake:
        return lake.rows(query)


@pytest.mark.parametrize(
    ("host", "ip"),
    [
        ("a8-70.smtp-out.amazonses.com", "54.240.8.70"),
        ("dsn; a7-30.smtp-out.eu-west-1.amazonses.com", "54.240.7.30"),
        ("a192-142.smtp-out.us-west-2.amazonses.com", "199.255.192.142"),
        ("b224-9.smtp-out.eu-central-1.amazonses.com", "69.169.224.9"),
        ("e234-11.smtp-out.ap-northeast-1.amazonses.com", "23.251.234.11"),
        ("c8-70.smtp-out.amazonses.com", None),
        ("a8-70.smtp-out.amazonses.com.example", None),
        ("mx.firma.example", None),
        ("203.0.113.9", None),
        (..., None),
    ],
)
def test_a_bounce_is_counted_at_the_address_that_its_host_names(
    host: Any, ip: str | None, dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    write_dump(dumps / "a", as_lines([change(read_fixture("bounce-permanent"), "bounce.reportingMTA", host)]))
    build()
    assert read(folder, "select outgoing_ip from marts.outcomes") == [{"outgoing_ip": ip}]


def test_what_a_delivery_says_of_its_address_goes_before_a_bounce_and_that_before_a_delay(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    send = read_fixture("send")["mail"]
    host = "a9-1.smtp-out.amazonses.com"
    bounce = change(change(read_fixture("bounce-permanent"), "mail", send), "bounce.reportingMTA", host)
    bounce = change(bounce, "bounce.bouncedRecipients", [{"emailAddress": send["destination"][0]}])
    delay = change(read_fixture("delivery-delay"), "mail", send)
    delay = change(delay, "deliveryDelay.delayedRecipients", [{"emailAddress": send["destination"][0]}])
    told = []
    delivery = change(read_fixture("delivery"), "mail.tags.ses:outgoing-ip", ["54.240.9.2"])
    for name, event in (("a", delay), ("b", bounce), ("c", delivery)):
        write_dump(dumps / name, as_lines([event]))
        build()
        told.append(read(folder, "select outgoing_ip from marts.outcomes")[0]["outgoing_ip"])
    assert told == ["198.51.100.1", "54.240.9.1", "54.240.9.2"]


FOLLOWING = {"first_attempt_deliveries", "human_engagements", "tls_deliveries", "tls_1_3_deliveries", "policy_rejects"}
"""What follows from the others; tests/metrics has them."""


def counts(folder: Path, isp: str, relation: str = "daily", day: date = DAY) -> dict[str, int]:
    found = read(folder, f"select * from marts.{relation} where isp = '{isp}' and day = '{day}'")
    totals: dict[str, int] = {}
    for row in found:
        for name, value in row.items():
            if isinstance(value, int) and value and name not in FOLLOWING:
                totals[name] = totals.get(name, 0) + value
    return totals


def test_the_fixtures_count_as_the_rules_say(folder: Path, build: Callable[..., object]) -> None:
    build(str(FIXTURES))
    assert counts(folder, "Gmail") == {
        "sends": 2, "attempts": 2, "deliveries": 2, "auto_replies": 1, "opens": 1, "human_opens": 1, "clicks": 1,
        "unsubscribes": 1,
    }  # fmt: skip
    assert counts(folder, "Yahoo") == {
        "sends": 1, "attempts": 1, "deliveries": 1, "feedback_deliveries": 1, "complaints": 1, "not_spam": 1,
        "delivery_delays": 1, "sends_unseen": 1,
    }  # fmt: skip
    assert counts(folder, "Other") == {"sends": 1, "attempts": 1, "permanent_bounces": 1}
    assert counts(folder, "Outlook") == {"suppressed": 1}
    assert counts(folder, "GMX") == {"rejects": 1, "rendering_failures": 1, "sends_unseen": 1}


def test_by_event_day_a_complaint_counts_on_the_day_it_came(folder: Path, build: Callable[..., object]) -> None:
    build(str(FIXTURES))
    assert counts(folder, "Yahoo", "daily_by_event_day", NEXT) == {"complaints": 1, "not_spam": 1}
    assert "complaints" not in counts(folder, "Yahoo", "daily_by_event_day")
    assert counts(folder, "Yahoo")["complaints"] == 1


def test_the_mailbox_simulator_is_in_outcomes_and_in_no_count(folder: Path, build: Callable[..., object]) -> None:
    build(str(FIXTURES))
    assert read(folder, "select count(*) as n from marts.outcomes where is_simulator") == [{"n": 1}]
    assert counts(folder, "Other")["permanent_bounces"] == 1


def test_an_event_takes_what_it_lacks_from_the_others_of_its_message(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    opened = change(change(read_fixture("open-by-a-person"), "mail.tags.ses:tenant-name", ...), "mail.destination", ...)
    write_dump(dumps / "a", as_lines([opened]))
    build()
    assert read(folder, "select recipient, identity, tenant, isp from marts.outcomes") == [
        {"recipient": None, "identity": "acme.example", "tenant": None, "isp": "Other"}
    ]
    write_dump(dumps / "b", as_lines([read_fixture("delivery")]))
    build()
    assert read(folder, "select recipient, identity, tenant, isp, opened_at is not null as o from marts.outcomes") == [
        {"recipient": "anna@gmail.com", "identity": "acme.example", "tenant": "acme", "isp": "Gmail", "o": True}
    ]


def test_a_provider_that_complains_once_is_in_the_denominator_from_then_on(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    delivery = change(read_fixture("delivery"), "delivery.recipients", ["x@t-online.de"])
    write_dump(dumps / "a", as_lines([change(delivery, "mail.messageId", "old")]))
    build()
    assert "feedback_deliveries" not in counts(folder, "T-Online")
    complaint = change(read_fixture("complaint"), "complaint.complainedRecipients", [{"emailAddress": "y@t-online.de"}])
    write_dump(dumps / "b", as_lines([change(complaint, "mail.messageId", "new")]))
    build()
    assert counts(folder, "T-Online") == {
        "deliveries": 1, "feedback_deliveries": 1, "complaints": 1, "sends_unseen": 2,
    }  # fmt: skip


SIXTY_DAYS_LATER = date(2026, 5, 29)


def test_an_open_sixty_days_after_sending_lands_on_its_send_day(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    late = change(read_fixture("open-by-a-person"), "open.timestamp", f"{SIXTY_DAYS_LATER}T07:00:00.000Z")
    write_dump(dumps / "a", as_lines([late]))
    build()
    assert counts(folder, "Gmail") == {"opens": 1, "human_opens": 1, "sends_unseen": 1}
    assert counts(folder, "Gmail", "daily_by_event_day") == {"sends_unseen": 1}, "on the day its Send would be"
    assert counts(folder, "Gmail", "daily_by_event_day", SIXTY_DAYS_LATER) == {"opens": 1, "human_opens": 1}
    write_dump(dumps / "b", as_lines([read_fixture("send")]))
    build()
    assert counts(folder, "Gmail") == {"sends": 1, "attempts": 1, "opens": 1, "human_opens": 1}
    assert counts(folder, "Gmail", "daily_by_event_day") == {"sends": 1, "attempts": 1}
    assert counts(folder, "Gmail", "daily_by_event_day", SIXTY_DAYS_LATER) == {"opens": 1, "human_opens": 1}


@pytest.mark.parametrize("names", [("bounce-out-of-office", "delivery"), ("delivery", "bounce-out-of-office")])
def test_a_bounce_before_its_delivery_is_the_same_outcome(
    names: tuple[str, str], dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    """An out-of-office answer, as SES told it once: 23 ms before the delivery that it answers."""
    for place, name in enumerate(names):
        document = change(read_fixture(name), "mail.messageId", "m1")
        document = change(document, "mail.destination", ["anna@gmail.com"])
        if name == "delivery":
            document = change(document, "delivery.timestamp", "2026-03-30T02:13:09.460Z")
        else:
            document = change(document, "bounce.timestamp", "2026-03-30T02:13:09.437Z")
            document = change(document, "bounce.bouncedRecipients", [{"emailAddress": "anna@gmail.com"}])
        write_dump(dumps / f"{place}", as_lines([document]))
        build()
    assert counts(folder, "Gmail") == {"deliveries": 1, "auto_replies": 1, "sends_unseen": 1}
    assert read(folder, "select delivered_at::varchar as d, auto_replied_at::varchar as a from marts.outcomes") == [
        {"d": "2026-03-30 02:13:09.46", "a": "2026-03-30 02:13:09.437"}
    ]


def test_feedback_whose_send_was_never_seen_counts_and_is_counted_as_such(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    """Every kind of feedback misses a Send; a suppressed recipient and a failed rendering were never sent to."""
    write_dump(dumps / "a", as_lines([read_fixture("complaint"), read_fixture("delivery")]))
    never_sent = [read_fixture("bounce-suppressed-by-account"), read_fixture("rendering-failure")]
    write_dump(dumps / "b", as_lines(never_sent))
    build()
    assert counts(folder, "Gmail") == {"deliveries": 1, "sends_unseen": 1}
    assert counts(folder, "Yahoo") == {"complaints": 1, "sends_unseen": 1}
    assert counts(folder, "Outlook") == {"suppressed": 1}
    assert counts(folder, "GMX") == {"rendering_failures": 1}
    with Warehouse(folder) as lake:
        status = read_status(lake)
        assert (status.sends, status.sends_unseen, status.sends_unseen_share) == (0, 2, 1.0)
        assert "sends        0 recipients, 2 more unseen (100.0 %)" in describe_status(status, NOW)
        (rate,) = read_metric(lake, Question("sends_unseen_share")).to_dicts()
    assert (rate["numerator"], rate["denominator"]) == (2, 2)


def test_sends_unseen_go_down_when_the_sends_arrive(dumps: Path, folder: Path, build: Callable[..., object]) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("delivery"), read_fixture("complaint")]))
    build()
    assert read(folder, "select sum(sends_unseen) as n from marts.hourly") == [{"n": 2}]
    sent = change(change(read_fixture("send"), "mail.messageId", "late"), "mail.destination", ["anna@gmail.com"])
    sent = change(sent, "mail.messageId", read_fixture("delivery")["mail"]["messageId"])
    write_dump(dumps / "b", as_lines([sent]))
    build()
    assert counts(folder, "Gmail") == {"sends": 1, "attempts": 1, "deliveries": 1}
    assert counts(folder, "Yahoo") == {"complaints": 1, "sends_unseen": 1}
    incremental = tables(folder)
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW, full=True)
        assert describe_status(read_status(lake), NOW).splitlines()[3] == (
            "sends        1 recipients, 1 more unseen (50.0 %): feedback, no Send"
        )
    assert incremental == tables(folder)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            [*list(TYPES.values()), "bounce-out-of-office", "bounce-suppressed-by-account", "complaint-taken-back"]
        ),
        st.integers(0, 3),
        st.sampled_from(["a@gmail.com", "b@yahoo.com", "c@t-online.de", "d@x.example", "e@simulator.amazonses.com"]),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)
_TO = {"Bounce": "bouncedRecipients", "Complaint": "complainedRecipients", "DeliveryDelay": "delayedRecipients"}
_OWN = {"Bounce": "bounce", "Complaint": "complaint", "DeliveryDelay": "deliveryDelay", "Delivery": "delivery"}


def make_event(name: str, message: int, recipient: str, hours: int, has_identity: bool) -> dict[str, Any]:
    document = change(read_fixture(name), "mail.messageId", f"m{message}")
    kind = document["eventType"]
    document = change(document, "mail.destination", [recipient])
    if not has_identity:
        document = change(document, "mail.sourceArn", ...)
    own = _OWN.get(kind, kind.lower())
    if kind in _TO:
        document = change(document, f"{own}.{_TO[kind]}", [{"emailAddress": recipient}])
    if kind == "Delivery":
        document = change(document, "delivery.recipients", [recipient])
    if own in document and "timestamp" in document[own]:
        document = change(document, f"{own}.timestamp", f"2026-03-{30 + hours // 2}T{1 + hours:02}:00:00.000Z")
        if "feedbackId" in document[own]:
            document = change(document, f"{own}.feedbackId", f"{name}{message}{recipient}{hours}")
    return document


def tables(folder: Path) -> dict[str, list[str]]:
    with Warehouse(folder, read_only=True) as lake:
        names = ("outcomes", "engagements", *COUNTED, "feedback_isps")
        return {name: sorted(str(row) for row in lake.rows(f"select * from marts.{name}")) for name in names}


@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=EVENTS, order=st.randoms(use_true_random=False), cuts=st.lists(st.integers(1, 13), max_size=3))
def test_any_order_and_any_cut_gives_the_rows_of_a_rebuild(
    events: list[Any], order: Any, cuts: list[int], tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path
) -> None:
    documents = [make_event(*event) for event in events]
    shuffled = list(documents)
    order.shuffle(shuffled)
    tmp_path = tmp_path_factory.mktemp("increments")
    for name, parts in {"at-once": [documents], "in-parts": cut(shuffled, cuts)}.items():
        shutil.copytree(empty_warehouse, tmp_path / name / "warehouse")
        with Warehouse(tmp_path / name / "warehouse") as lake:
            for place, part in enumerate(parts):
                write_dump(tmp_path / name / "dumps" / f"{place}", as_lines(part))
                ingest(lake, list_objects([str(tmp_path / name / "dumps")]), now=NOW)
                build_marts(lake, now=NOW)
    incremental = tables(tmp_path / "in-parts" / "warehouse")
    assert incremental == tables(tmp_path / "at-once" / "warehouse")
    with Warehouse(tmp_path / "in-parts" / "warehouse") as lake:
        assert build_marts(lake, now=NOW, full=True).is_full
    assert incremental == tables(tmp_path / "in-parts" / "warehouse")


@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(events=EVENTS, undated=st.sets(st.integers(0, 13)), part_events=st.integers(1, 6))
def test_a_history_in_parts_gives_the_rows_of_one_at_once(
    events: list[Any],
    undated: set[int],
    part_events: int,
    tmp_path_factory: pytest.TempPathFactory,
    empty_warehouse: Path,
) -> None:
    """Also where a message stands in several days, as its events do not all say when it was sent."""
    documents = [make_event(*event) for event in events]
    for place in undated & set(range(len(documents))):
        documents[place] = change(documents[place], "mail.timestamp", ...)
    tmp_path = tmp_path_factory.mktemp("parts")
    shutil.copytree(empty_warehouse, tmp_path / "warehouse")
    write_dump(tmp_path / "dumps" / "a", as_lines(documents))
    with Warehouse(tmp_path / "warehouse") as lake:
        ingest(lake, list_objects([str(tmp_path / "dumps")]), now=NOW)
        build_marts(lake, now=NOW)
    at_once = tables(tmp_path / "warehouse")
    with pytest.MonkeyPatch.context() as patched, Warehouse(tmp_path / "warehouse") as lake:
        patched.setattr(touched, "PART_EVENTS", part_events)
        build_marts(lake, now=NOW, full=True)
    assert at_once == tables(tmp_path / "warehouse")


def cut(items: list[Any], places: list[int]) -> list[list[Any]]:
    bounds = [0, *sorted({place for place in places if place < len(items)}), len(items)]
    return [items[a:b] for a, b in pairwise(bounds)]


def test_what_an_increment_does_not_read_no_mart_reads() -> None:
    """What is left out of the past would count as absent."""
    read = ["staging/attributed_events", "staging/events", "marts/outcomes", "marts/engagements", "marts/feedback_isps"]
    words = {word for name in read for word in re.findall(r"\w+", (paths.SQL / f"{name}.sql").read_text())}
    assert not words & set(touched.UNREAD.split(", "))
    counted = {word for name in ("counted_outcomes", *COUNTED) for word in _code_words(f"marts/{name}")}
    assert not counted & set(touched.UNCOUNTED.split(", "))


def _code_words(name: str) -> set[str]:
    lines = (paths.SQL / f"{name}.sql").read_text().splitlines()
    return {word for line in lines if not line.startswith("--") for word in re.findall(r"\w+", line)}


def test_a_changed_definition_is_built_from_the_start(folder: Path, build: Callable[..., object]) -> None:
    build(str(FIXTURES))
    with Warehouse(folder) as lake:
        lake.execute("update raw.builds set fingerprint = 'of an older version'")
        assert build_marts(lake, now=NOW).is_full
        assert build_marts(lake, now=NOW) == type(build_marts(lake, now=NOW))(0, is_full=False)
