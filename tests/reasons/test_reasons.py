"""Why mail came back: rules, masks and reasons, from the dump to the marts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from documents import as_lines, change, read_fixture, write_dump
from mailgauge.cli import app
from mailgauge.ingest import Ingested, ingest
from mailgauge.marts import build_marts
from mailgauge.reasons import UNKNOWN, read_rules
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW

Build = Callable[..., Ingested]
RESPONSES = Path(__file__).with_name("responses.tsv")
SENT = "2026-03-01T10:00:00.000Z"


def make_bounce(number: int, response: str | None, **changes: Any) -> dict[str, Any]:
    """A bounce of a message of its own, with what the receiver answered; `changes` go into the bounce."""
    document = change(read_fixture("bounce-permanent"), "mail.messageId", f"message-{number}")
    document = change(document, "bounce.feedbackId", f"feedback-{number}")
    document = change(document, "mail.timestamp", SENT)
    recipient = {"emailAddress": "jane@example.com", "action": "failed", "status": changes.pop("status", None)}
    bounced = [recipient | {"diagnosticCode": response}]
    document = change(document, "bounce.bouncedRecipients", bounced)
    for name, value in changes.items():
        document = change(document, f"bounce.{name}", value)
    return document


def read_outcomes(folder: Path) -> dict[int, dict[str, Any]]:
    """The outcomes by the number of their message."""
    with Warehouse(folder, read_only=True) as lake:
        return {int(row["message_id"].split("-")[1]): row for row in lake.rows("select * from marts.outcomes")}


@pytest.fixture(scope="module")
def classified(
    tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path
) -> Callable[[Sequence[str]], list[dict[str, Any]]]:
    """What the staging layer makes of answers, in their order."""
    del empty_warehouse
    room = tmp_path_factory.mktemp("answers")

    def run(answers: Sequence[str]) -> list[dict[str, Any]]:
        number = len(list(room.iterdir()))
        folder, dump = room / f"warehouse-{number}", room / f"dump-{number}.json"
        dump.write_bytes(as_lines([make_bounce(place, answer) for place, answer in enumerate(answers)]))
        with Warehouse(folder) as lake:
            ingest(lake, list_objects([str(dump)]), now=NOW)
            build_marts(lake, now=NOW)
            rows = lake.rows(
                """
                select e.message_id, e.response, e.bounce_reason, e.is_expired, r.rule
                from staging.events as e left join raw.responses as r on e.response = r.response
                """
            )
        rows.sort(key=lambda row: int(row["message_id"].split("-")[1]))
        return rows

    return run


def test_each_rule_decides_its_own_example(classified: Callable[[Sequence[str]], list[dict[str, Any]]]) -> None:
    rules = read_rules()
    rows = classified([rule.example for rule in rules])
    wrong = [
        f"{rule.example!r} is decided by {row['rule']!r}"
        for rule, row in zip(rules, rows, strict=True)
        if (row["bounce_reason"], row["rule"]) != (rule.reason, rule.pattern.pattern)
    ]
    assert wrong == []


def test_the_reasons_of_the_rules_are_those_of_staging(folder: Path) -> None:
    with Warehouse(folder) as lake:
        named = {row["reason"] for row in lake.rows("select reason from staging.bounce_reasons")}
    assert len(named) == 24
    assert {rule.reason for rule in read_rules()} <= named
    assert named - {rule.reason for rule in read_rules()} == {UNKNOWN}


def test_answers_of_many_receivers_get_their_reason(
    classified: Callable[[Sequence[str]], list[dict[str, Any]]],
) -> None:
    with RESPONSES.open(encoding="utf-8") as file:
        told = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = classified(["smtp; " + one["response"] for one in told])
    wrong = [
        (one["response"], row["bounce_reason"])
        for one, row in zip(told, rows, strict=True)
        if row["bounce_reason"] not in one["reasons"].split("|")
    ]
    assert len(wrong) <= 0.03 * len(told), wrong
    assert sum(row["bounce_reason"] == UNKNOWN for row in rows) <= 0.02 * len(told)


NESTED = [
    ("554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.7.28 Rate limit>", "rate_limited"),
    ("554 4.4.7 Message expired: unable to deliver in 840 minutes.<452 4.2.2 Mailbox full>", "mailbox_full"),
    ("554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.2 Connection timed out>", "expired"),
    ("554 4.4.7 Message expired: unable to deliver in 840 minutes.", "expired"),
]


@pytest.mark.parametrize(("response", "reason"), NESTED)
def test_the_cause_inside_counts_and_giving_up_is_told(
    response: str, reason: str, folder: Path, dumps: Path, build: Build
) -> None:
    write_dump(dumps / "a.json", as_lines([make_bounce(1, response, bounceType="Transient", bounceSubType="General")]))
    build()
    row = read_outcomes(folder)[1]
    assert (row["bounce_reason"], row["is_expired"]) == (reason, True)


TYPES = [
    ("550 5.4.4 Invalid domain", "Transient", "invalid_domain", "Permanent"),
    ("452 4.2.2 The mailbox is over quota", "Permanent", "mailbox_full", "Transient"),
    ("554 5.7.1 Message rejected as spam", "Transient", "spam_content", "Transient"),
    ("something that nobody says", "Undetermined", "undetermined", "Undetermined"),
]


@pytest.mark.parametrize("case", TYPES)
def test_the_type_is_corrected_where_the_reason_leaves_no_doubt(
    case: tuple[str, str, str, str], folder: Path, dumps: Path, build: Build
) -> None:
    response, told, reason, corrected = case
    write_dump(dumps / "a.json", as_lines([make_bounce(1, response, bounceType=told, bounceSubType="General")]))
    build()
    row = read_outcomes(folder)[1]
    assert (row["bounce_type"], row["bounce_reason"], row["corrected_bounce_type"]) == (told, reason, corrected)
    assert not row["is_expired"]


@pytest.mark.parametrize(
    ("sub_type", "reason"),
    [
        ("MailboxFull", "mailbox_full"),
        ("MessageTooLarge", "message_too_large"),
        ("AttachmentRejected", "content_rejected"),
        ("Suppressed", "suppressed"),
        ("CustomTimeoutExceeded", "expired"),
        ("General", "undetermined"),
    ],
)
def test_without_an_answer_the_sub_type_decides_where_it_can(
    sub_type: str, reason: str, folder: Path, dumps: Path, build: Build
) -> None:
    write_dump(dumps / "a.json", as_lines([make_bounce(1, None, bounceType="Permanent", bounceSubType=sub_type)]))
    build()
    row = read_outcomes(folder)[1]
    assert (row["bounce_reason"], row["is_expired"]) == (reason, sub_type == "CustomTimeoutExceeded")


def test_a_code_beside_the_answer_helps_where_the_words_say_nothing(folder: Path, dumps: Path, build: Build) -> None:
    write_dump(
        dumps / "a.json", as_lines([make_bounce(1, "550 no", status="5.1.1"), make_bounce(2, None, status="5.2.2")])
    )
    build()
    found = read_outcomes(folder)
    assert [found[number]["bounce_reason"] for number in (1, 2)] == ["invalid_recipient", "mailbox_full"]


def test_a_delay_has_a_reason_of_its_own(folder: Path, dumps: Path, build: Build) -> None:
    delay = change(read_fixture("delivery-delay"), "mail.messageId", "message-1")
    delayed = [{"emailAddress": "jane@example.com", "status": "4.7.1", "diagnosticCode": "smtp; 450 4.7.1 Greylisted"}]
    delay = change(delay, "deliveryDelay.delayedRecipients", delayed)
    quiet = change(change(delay, "mail.messageId", "message-2"), "deliveryDelay.delayType", "IPFailure")
    quiet = change(quiet, "deliveryDelay.delayedRecipients", [{"emailAddress": "jane@example.com"}])
    write_dump(dumps / "a.json", as_lines([delay, quiet]))
    build()
    found = read_outcomes(folder)
    assert [(found[n]["delay_reason"], found[n]["bounce_reason"]) for n in (1, 2)] == [
        ("greylisted", None),
        ("reputation_block", None),
    ]


LOCAL = st.from_regex(r"[A-Za-z0-9!#$%&*+/=?^_`{|}~.-]{1,20}", fullmatch=True)
FRAMES = st.sampled_from(
    [
        "550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual alias table",
        "550 {}... No such user here",
        "smtp; 452 4.2.2 the mailbox of '{}' is full (#4.2.2)",
        '550 "{}" is over quota',
        "554 delivery error: dd This user doesn't have a yahoo.com account ({}) [0]",
        "550 5.4.1 [{}]: Recipient address rejected: Access denied",
        "<mailto:{}>,{};{} unknown",
    ]
)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.tuples(FRAMES, LOCAL), min_size=100, max_size=150))
def test_no_address_stays_in_a_masked_answer(
    told: list[tuple[str, str]], classified: Callable[[Sequence[str]], list[dict[str, Any]]]
) -> None:
    rows = classified([frame.replace("{}", f"{local}@example.com") for frame, local in told])
    assert [row["response"] for row in rows if "@" in row["response"]] == []


def test_names_ids_and_hosts_are_masked_and_codes_stay(
    classified: Callable[[Sequence[str]], list[dict[str, Any]]],
) -> None:
    rows = classified(
        [
            "smtp; 550 5.1.1 User unknown: jane.doe",
            "550 mailbox jdoe does not exist",
            "421 4.7.0 [TSS04] Messages from 192.0.2.7 deferred - 4.16.55.1; mta1061.mail.example.com 20260301T101010",
            "550-5.2.1 inactive 7-20a508e47000000b0054864c701a3si879110edx.134 - gsmtp",
        ]
    )
    assert [row["response"] for row in rows] == [
        "550 5.1.1 user unknown: [host]",
        "550 mailbox [name] does not exist",
        "421 4.7.0 [tss04] messages from [id] deferred - [id]; [host] [id]",
        "550-5.2.1 inactive 7-[id].134 - gsmtp",
    ]


def test_a_hostile_answer_is_an_answer(classified: Callable[[Sequence[str]], list[dict[str, Any]]]) -> None:
    rows = classified(["<" * 60_000, "\u0000\u001b[31m 550 5.1.1 \u202euser unknown", "a@" * 30_000, " ", "(" * 5000])
    assert [row["bounce_reason"] for row in rows] == [
        "undetermined",
        "invalid_recipient",
        "undetermined",
        "undetermined",
        "undetermined",
    ]


@pytest.fixture
def unknown(folder: Path, dumps: Path, build: Build) -> Path:
    """A warehouse with answers that no rule knows, one of them from three receivers."""
    answers = ["550 zz1 nope (host-a17.example.com) 1234567", "550 zz1 nope (b.example.net) 7654321", "550 hm"]
    documents = [make_bounce(place, answer) for place, answer in enumerate([*answers, answers[0], "550 User unknown"])]
    write_dump(dumps / "a.json", as_lines(documents))
    build()
    return folder


def run(*arguments: object) -> str:
    """What a command prints."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_what_no_rule_knows_is_listed_by_volume(unknown: Path) -> None:
    days = ["--since", "2026-03-01", "--until", "2026-03-01"]
    rows = json.loads(run("--warehouse", unknown, "reasons", "--unknown", *days, "--format", "json"))
    assert [(row["response"], row["events"]) for row in rows] == [("550 zz1 nope ([host]) [id]", 3), ("550 hm", 1)]


def test_reasons_are_listed_with_what_to_do(unknown: Path) -> None:
    days = ["--since", "2026-03-01", "--until", "2026-03-01"]
    rows = json.loads(run("--warehouse", unknown, "reasons", *days, "--format", "json"))
    assert [(row["reason"], row["bounced"], row["action"]) for row in rows] == [
        ("undetermined", 4, "none"),
        ("invalid_recipient", 1, "suppress"),
    ]


def test_a_changed_rule_reads_every_answer_anew(unknown: Path) -> None:
    with Warehouse(unknown) as lake:
        lake.execute("update raw.responses set reason = 'virus'")
        lake.execute("update raw.builds set fingerprint = 'that of other rules'")
        assert build_marts(lake, now=NOW).is_full
        found = lake.rows("select bounce_reason, count(*) as n from marts.outcomes group by all order by all")
    assert found == [{"bounce_reason": "invalid_recipient", "n": 1}, {"bounce_reason": "undetermined", "n": 4}]
