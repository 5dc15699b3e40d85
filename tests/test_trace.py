"""The journey: found by message id, address or subject, with what was said, how long it took, and who opened it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents import FIXTURES, as_lines, change, read_fixture, write_dump
from mailgauge.journeys import describe_trace
from mailgauge.marts import build_marts
from mailgauge.trace import Trace, read_trace
from mailgauge.warehouse import Warehouse
from mailgauge.words import as_json
from moments import NOW

ORDER = "0100019d3c2a5b10-6f1b2c3d-0000-4000-8000-000000000001-000000"


@pytest.fixture
def trace(folder: Path, build: Callable[..., object]) -> Callable[..., Trace]:
    """Trace in a warehouse of all fixtures."""
    build(str(FIXTURES))

    def run(wanted: str, most: int = 10) -> Trace:
        with Warehouse(folder, read_only=True) as lake:
            return read_trace(lake, wanted, most=most)

    return run


@pytest.mark.parametrize(
    "wanted",
    [
        ORDER,
        f"  {ORDER} ",
        f"<{ORDER}@email.amazonses.com>",
        f"{ORDER}@eu-west-1.amazonses.com",
        "Anna@Gmail.com",
        "your ORDER",
    ],
)
def test_a_message_is_found_by_id_header_recipient_or_subject(wanted: str, trace: Callable[..., Trace]) -> None:
    found = trace(wanted)
    assert ORDER in {event["message_id"] for event in found.events}
    types = [event["event_type"] for event in found.events if event["message_id"] == ORDER]
    assert types[0] == "Send"
    assert {"Delivery", "Open", "Click"} <= set(types)


def test_each_event_tells_its_delay_its_provider_its_reason_and_its_score(trace: Callable[..., Trace]) -> None:
    events = {event["event_type"]: event for event in trace(ORDER).events}
    assert {event["isp"] for event in events.values()} == {"Gmail"}
    assert events["Delivery"]["seconds_after_sending"] == pytest.approx(1.6, abs=5)
    assert (events["Click"]["machine_score"], events["Click"]["is_machine"]) == (1.0, True)
    assert events["Click"]["machine_evidence"] == "scanner_agent, bot_event"
    assert (events["Open"]["is_machine"], events["Open"]["machine_evidence"]) == (False, "judged_human")
    assert "250" in events["Delivery"]["detail"]
    bounced = read_fixture("bounce-permanent")["mail"]["messageId"]
    bounce = next(event for event in trace(bounced).events if event["event_type"] == "Bounce")
    assert (bounce["bounce_type"], bounce["reason"], bounce["action"]) == ("Permanent", "invalid_recipient", "suppress")


def test_in_words_a_journey_reads_from_top_to_bottom(trace: Callable[..., Trace]) -> None:
    text = describe_trace(trace(ORDER))
    lines = text.splitlines()
    assert lines[0].startswith(f"{ORDER}  acme.example · orders · Your order")
    assert lines[1] == "  to anna@gmail.com (Gmail)"
    assert "a machine, score 1.0 (scanner_agent, bot_event) · https://acme.example/" in text
    assert "+" in next(line for line in lines if "Delivery" in line)
    bounced = describe_trace(trace(read_fixture("bounce-permanent")["mail"]["messageId"]))
    assert "No such mailbox: do not send to this address again" in bounced


def test_as_json_a_journey_has_times_with_their_zone(trace: Callable[..., Trace]) -> None:
    events = json.loads(as_json(trace(ORDER).events))
    assert all(event["occurred_at"].endswith("Z") for event in events)


def test_events_are_found_before_they_are_built(
    dumps: Path, folder: Path, load: Callable[..., object], build: Callable[..., object]
) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("send")]))
    build()
    early = change(read_fixture("open-by-a-person"), "open.userAgent", "Mozilla/5.0")
    write_dump(dumps / "b", as_lines([early, change(early, "mail.messageId", "other")]))
    load()
    with Warehouse(folder, read_only=True) as lake:
        found = read_trace(lake, "anna@gmail.com")
    assert [event["event_type"] for event in found.events] == ["Send", "Open", "Open"]
    assert found.events[1]["machine_evidence"] == "apple_privacy, judged_human"


def test_an_open_that_names_nobody_belongs_to_the_person_of_its_message(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    opened = change(read_fixture("open-by-a-person"), "mail.destination", ...)
    write_dump(dumps / "a", as_lines([read_fixture("send"), opened]))
    build()
    with Warehouse(folder, read_only=True) as lake:
        assert [event["event_type"] for event in read_trace(lake, "anna@gmail.com").events] == ["Send", "Open"]


@pytest.mark.parametrize("sent", ["2026-03-30T01:40:00.000Z", "2026-01-02T03:04:05.678Z", "2020-01-01T00:00:00.000Z"])
@pytest.mark.parametrize("wanted", ["anna@gmail.com", "{id}"])
def test_nothing_is_missed_on_whatever_day_it_was_sent_and_happened(
    wanted: str, sent: str, dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    read = {name: change(read_fixture(name), "mail", read_fixture("send")["mail"]) for name in ("send", "complaint")}
    read["complaint"]["complaint"]["complainedRecipients"] = [{"emailAddress": "anna@gmail.com"}]
    read["open"] = change(read_fixture("open-by-a-person"), "open.timestamp", "2026-03-29T00:00:00.000Z")
    to_nobody = change(read_fixture("open-by-a-person"), "open.timestamp", "2026-07-30T00:00:00.000Z")
    to_two = [*read["send"]["mail"]["destination"], "otto@gmail.com"]
    events = [change(event, "mail.destination", to_two) for event in (*read.values(), to_nobody)]
    message_id = events[0]["mail"]["messageId"]
    same = [change(change(event, "mail.messageId", message_id), "mail.timestamp", sent) for event in events]
    same.append(change(change(same[-1], "mail.timestamp", ...), "open.timestamp", "2026-09-01T00:00:00.000Z"))
    write_dump(dumps / "a", as_lines(same))
    build()
    with Warehouse(folder, read_only=True) as lake:
        found = read_trace(lake, wanted.format(id=message_id)).events
    expected = ["Complaint", "Open", "Open", "Open", "Send"]
    assert sorted(event["event_type"] for event in found if event["recipient"] != "otto@gmail.com") == expected


def test_of_many_messages_the_newest_are_shown(dumps: Path, folder: Path, build: Callable[..., object]) -> None:
    sends = [change(read_fixture("send"), "mail.messageId", f"m{day}") for day in range(4)]
    sends = [change(send, "mail.timestamp", f"2026-03-1{day}T08:00:00.000Z") for day, send in enumerate(sends)]
    write_dump(dumps / "a", as_lines(sends))
    build()
    with Warehouse(folder, read_only=True) as lake:
        found = read_trace(lake, "anna@gmail.com", most=2)
    assert ([event["message_id"] for event in found.events], found.has_more) == (["m2", "m3"], True)
    assert describe_trace(found).endswith("There are older messages: ask for more with --most.")
    with Warehouse(folder, read_only=True) as lake:
        all_of_them = read_trace(lake, "anna@gmail.com", most=4)
    assert (len(all_of_them.events), all_of_them.has_more) == (4, False)


def test_the_newest_are_found_whatever_is_built_and_however_many_got_them(
    dumps: Path, folder: Path, build: Callable[..., object], load: Callable[..., object]
) -> None:
    def message(name: str, day: int, kind: str = "send", **more: Any) -> dict[str, Any]:
        event = change(read_fixture(kind), "mail.messageId", name)
        event = change(event, "mail.timestamp", f"2026-03-{day}T08:00:00.000Z")
        for path, value in more.items():
            event = change(event, path.replace("_", "."), value)
        return event

    many = [f"p{at}@gmail.com" for at in range(9)]
    built = [message("old", 10), message("to nine", 12, mail_destination=many), message("new", 14)]
    write_dump(dumps / "a", as_lines([*built, message("older", 9)]))
    build()
    late = message("old", 10, "open-by-a-person")
    write_dump(dumps / "b", as_lines([late, message("unbuilt", 13)]))
    load()
    with Warehouse(folder, read_only=True) as lake:
        for most in (1, 2, 3, 4):
            found = read_trace(lake, "order", most=most)
            shown = list(dict.fromkeys(event["message_id"] for event in found.events))
            assert shown == ["old", "to nine", "unbuilt", "new"][-most:]
            assert found.has_more
        assert [event["event_type"] for event in found.events][:2] == ["Send", "Open"]
        assert not read_trace(lake, "order", most=5).has_more


def test_nobody_is_nowhere(trace: Callable[..., Trace]) -> None:
    for wanted in ("nobody@nowhere.example", "no such subject", "'; drop table raw.events; --", "%", ""):
        assert trace(wanted).events == [] or wanted == ""


def test_text_of_strangers_stays_on_its_line(dumps: Path, folder: Path, build: Callable[..., object]) -> None:
    hostile = change(read_fixture("send"), "mail.commonHeaders.subject", "a\x1b[31mred\nFAKE LINE")
    write_dump(dumps / "a", as_lines([hostile]))
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW)
    build()
    with Warehouse(folder, read_only=True) as lake:
        text = describe_trace(read_trace(lake, "anna@gmail.com"))
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3
