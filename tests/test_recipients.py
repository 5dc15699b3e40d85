"""Recipients by when they last engaged: the five cohorts, whom to stop writing to, and who must not be written to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documents import as_lines, change, read_fixture, write_dump
from mailgauge.recipients import count_cohorts, list_people
from mailgauge.warehouse import Warehouse

NEWEST = datetime(2026, 3, 30, 12, tzinfo=UTC)
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OWN = {"open-by-a-person": "open", "delivery": "delivery", "bounce-permanent": "bounce", "complaint": "complaint"}


def tell(name: str, who: str, days: float, *, later: float = 0.0, agent: str = PERSON) -> dict[str, Any]:
    """An event of the message sent to somebody so many days ago, so many days after it was sent."""

    def stamp(ago: float) -> str:
        return (NEWEST - timedelta(days=ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    address = f"{who}@gmail.com"
    document = change(read_fixture(name), "mail.messageId", f"{who}-{days}")
    document = change(change(document, "mail.destination", [address]), "mail.timestamp", stamp(days))
    document = change(document, "mail.tags", {"ses:configuration-set": ["orders"]})
    if own := OWN.get(name):
        document = change(document, f"{own}.timestamp", stamp(days - later))
    people = {"delivery": "recipients", "bounce": "bouncedRecipients", "complaint": "complainedRecipients"}
    if own in people:
        said = {} if who == "mute" else {"status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
        told = [address] if own == "delivery" else [{"emailAddress": address, **said}]
        document = change(document, f"{own}.{people[own]}", told)
    if own in {"bounce", "complaint"}:
        document = change(document, f"{own}.feedbackId", f"{who}-{days}")
    return change(document, "open.userAgent", agent) if own == "open" else document


def mail(who: str, *days: float) -> list[dict[str, Any]]:
    """Mail that was sent and delivered."""
    return [tell(name, who, day, later=0.001) for day in days for name in ("send", "delivery")]


MONTHS = (100, 80, 60, 40, 20, 1)
STORY = [
    *mail("reader", *MONTHS), tell("open-by-a-person", "reader", 20, later=1),
    *mail("tiring", *MONTHS), tell("open-by-a-person", "tiring", 60, later=1),
    *mail("gone", *MONTHS), tell("open-by-a-person", "gone", 100, later=1),
    *mail("silent", *MONTHS),
    *mail("few", 100, 1),
    *mail("newcomer", 3, 0),
    *mail("private", *MONTHS), tell("open-by-a-person", "private", 20, later=1, agent="Mozilla/5.0"),
    *mail("angry", 20), tell("complaint", "angry", 20, later=1), *mail("angry", 1),
    tell("send", "wrong", 20), tell("bounce-permanent", "wrong", 20, later=0.1),
    tell("send", "mute", 20), tell("bounce-permanent", "mute", 20, later=0.1),
    tell("send", "back", 20), tell("bounce-permanent", "back", 20, later=0.1), *mail("back", 1),
]  # fmt: skip


@pytest.fixture
def people(dumps: Path, folder: Path, build: Callable[..., object]) -> dict[str, dict[str, Any]]:
    write_dump(dumps / "a", as_lines(STORY))
    build()
    with Warehouse(folder, read_only=True) as lake:
        return {row["recipient"].split("@")[0]: row for row in lake.rows("select * from marts.recipients")}


def test_when_somebody_last_engaged_decides_their_cohort(people: dict[str, dict[str, Any]]) -> None:
    cohorts = {who: row["cohort"] for who, row in people.items()}
    assert cohorts == {
        "reader": "active", "tiring": "lapsing", "gone": "lapsed", "silent": "never", "few": "never",
        "newcomer": "new", "private": "never", "angry": "never", "back": "never", "wrong": None,
        "mute": None,
    }  # fmt: skip


def test_who_never_reads_much_mail_is_to_be_left_alone_unless_privacy_hides_it(
    people: dict[str, dict[str, Any]],
) -> None:
    assert {who for who, row in people.items() if row["should_sunset"]} == {"gone", "silent"}


def test_who_must_not_be_written_to_and_why(people: dict[str, dict[str, Any]]) -> None:
    told = {who: (row["suppress_reason"], row["is_still_sent_to"]) for who, row in people.items()}
    assert {who: what for who, what in told.items() if what[0]} == {
        "angry": ("complaint", True),
        "wrong": ("invalid_recipient", False),
        "mute": ("permanent_bounce", False),
    }
    assert people["back"]["suppress_since"] is None


def test_the_counts_name_nobody_and_the_lists_do(people: dict[str, dict[str, Any]], folder: Path) -> None:
    with Warehouse(folder, read_only=True) as lake:
        counts = count_cohorts(lake)
        assert [row["recipient"] for row in list_people(lake, "suppress")] == [
            "angry@gmail.com", "mute@gmail.com", "wrong@gmail.com",
        ]  # fmt: skip
        assert {row["recipient"] for row in list_people(lake, "sunset")} == {"gone@gmail.com", "silent@gmail.com"}
    assert [row["cohort"] for row in counts] == ["new", "active", "lapsing", "lapsed", "never", "not tracked"]
    assert sum(row["recipients"] for row in counts) == len(people)
    never = next(row for row in counts if row["cohort"] == "never")
    assert (never["to_sunset"], never["to_suppress"], never["still_sent_to"]) == (1, 1, 1)
    assert "@" not in str(counts)
