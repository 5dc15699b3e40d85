"""Any metric by any dimensions: given outcomes, expected rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from documents import as_lines, change, read_fixture, write_dump
from mailgauge import steps
from mailgauge.cli import app
from mailgauge.errors import UsageError
from mailgauge.marts import COUNTED, add_counts, build_marts, hide_changes, show_changes
from mailgauge.metrics import BY, LATENCY, POOL, VDM_NAMES, Question, list_metrics, read_metric, read_shape, wilson
from mailgauge.rates import Rate
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse
from moments import NOW

DAY = date(2026, 3, 2)  # a Monday
SENT = datetime(2026, 3, 2, 10, 30)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)


def outcome(number: int, **changes: Any) -> dict[str, Any]:
    """An outcome of mail that was sent and delivered, changed."""
    sent = changes.pop("sent_at", SENT)
    usual: dict[str, Any] = {
        "day": sent.date(),
        "message_id": f"message-{number}",
        "recipient": f"person{number}@example.com",
        "recipient_domain": "example.com",
        "isp": "Other",
        "is_feedback_capable": True,
        "is_simulator": False,
        "is_single_recipient": True,
        "is_send_unseen": False,
        "is_expired": False,
        "account_id": "111122223333",
        "region": "eu-west-1",
        "identity": "shop.example",
        "from_domain": "shop.example",
        "subject": "Hello",
        "outgoing_ip": "198.51.100.7",
        "tags": '{"campaign":["spring"]}',
        "sent_at": sent,
        "send_seen_at": sent,
        "delivered_at": sent + timedelta(seconds=2),
        "delivery_seconds": 2.0,
        "tls_version": "TLSv1.3",
    }
    return usual | changes


LATER = SENT + timedelta(days=1)
GIVEN = [
    outcome(1),
    outcome(2, opened_at=LATER, human_opened_at=LATER, clicked_at=LATER, human_clicked_at=LATER),
    outcome(3, isp="Gmail", is_feedback_capable=False, opened_at=LATER, tls_version="TLSv1.2"),
    outcome(4, complained_at=LATER, subject="Sale", tags='{"campaign":["sale/1","more"]}', delivery_seconds=10.0),
    outcome(5, delayed_at=SENT, policy_rule="Gmail 4.7.28", delivery_seconds=100.0, isp="Gmail",
            isp_kind="consumer", gateway="Proofpoint"),
    outcome(6, delivered_at=None, delivery_seconds=None, tls_version=None, permanent_bounced_at=SENT),
    outcome(7, delivered_at=None, delivery_seconds=None, tls_version=None, transient_bounced_at=LATER, is_expired=True),
    outcome(8, is_single_recipient=False, outgoing_ip="198.51.100.8", unsubscribed_at=LATER, tags=None),
    outcome(9, send_seen_at=None, delivered_at=None, tls_version=None, delivery_seconds=None, template="welcome",
            rendering_failed_at=SENT),
    outcome(10, sent_at=SENT - timedelta(days=1), complained_at=SENT, configuration_set="set"),
    outcome(11, is_simulator=True, complained_at=SENT),
]  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The warehouse of `GIVEN`."""
    with Warehouse(tmp_path_factory.mktemp("metrics") / "warehouse") as lake:
        names = sorted({name for row in GIVEN for name in row})
        lake.insert("marts.outcomes", [{name: row.get(name) for name in names} for row in GIVEN])
        show_changes(lake, "select *, 1 as weight from marts.outcomes")
        for name in COUNTED:
            add_counts(lake, name)
        hide_changes(lake)
        lake.insert("raw.builds", [{"object_id": 0, "fingerprint": "", "built_at": NOW}])
        yield lake


EXPECTED = {
    "delivery_rate": (7, 9),
    "permanent_bounce_rate": (1, 9),
    "transient_bounce_rate": (1, 9),
    "complaint_rate": (2, 6),
    "overall_complaint_rate": (2, 7),
    "delivery_delay_rate": (1, 9),
    "reject_rate": (0, 9),
    "suppressed_share": (0, 9),
    "sends_unseen_share": (0, 9),
    "open_rate": (2, 7),
    "click_rate": (1, 7),
    "human_open_rate": (1, 7),
    "human_click_rate": (1, 7),
    "click_to_open_rate": (1, 1),
    "unsubscribe_rate": (1, 7),
    "first_attempt_share": (6, 7),
    "expired_rate": (1, 9),
    "policy_reject_rate": (1, 9),
    "rendering_failure_rate": (1, 10),
    "tls_1_2_share": (1, 7),
    "tls_1_3_share": (6, 7),
    "sends": (9, None),
    "deliveries": (7, None),
    "complaints": (2, None),
    "permanent_bounces": (1, None),
    "transient_bounces": (1, None),
    "opens": (2, None),
    "clicks": (1, None),
    "feedback_deliveries": (6, None),
    "open_tracked_deliveries": (0, None),
    "click_tracked_deliveries": (0, None),
    "policy_rejects": (1, None),
    "rendering_failures": (1, None),
}
FAST, SLOW = (), ("subject",)


def test_every_metric_has_its_expectation() -> None:
    assert EXPECTED.keys() | {LATENCY} == set(list_metrics())


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("by", [FAST, SLOW], ids=["marts", "outcomes"])
def test_the_given_outcomes_make_the_expected_rows(name: str, by: tuple[str, ...], lake: Warehouse) -> None:
    rows = read_metric(lake, Question(name, by=by))
    numerator, denominator = EXPECTED[name]
    if "tracked" in name:  # no configuration set told an open here
        assert rows["numerator"].sum() == 0
        return
    assert rows["numerator"].sum() == numerator
    assert (rows["denominator"].sum() if denominator is not None else None) == denominator
    assert all((row["rate"] is None) == (not row["denominator"]) for row in rows.to_dicts())


@pytest.mark.parametrize(("vdm", "ours"), VDM_NAMES.items())
def test_vdms_names_are_ours(vdm: str, ours: str, lake: Warehouse) -> None:
    assert read_metric(lake, Question(vdm)).equals(read_metric(lake, Question(ours)))


def test_vdm_counts_mail_to_one_recipient_alone(lake: Warehouse) -> None:
    assert read_metric(lake, Question("DELIVERY", vdm=True))["numerator"].to_list() == [6]
    assert read_metric(lake, Question("unsubscribe_rate", vdm=True))["numerator"].to_list() == [0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("isp", {"Gmail": 2, "Other": 5}),
        ("sending_ip", {"198.51.100.7": 6, "198.51.100.8": 1}),
        ("subject", {"Hello": 6, "Sale": 1}),
        ("tag:campaign", {"spring": 5, "sale/1": 1, None: 1}),
        ("tag:a/b~c'd\"", {None: 7}),
        ("hour", {10: 7}),
        ("weekday", {1: 6, 7: 1}),
        ("day", {DAY: 6, DAY - timedelta(days=1): 1}),
        ("tls_version", {"TLSv1.2": 1, "TLSv1.3": 6}),
        ("policy_rule", {None: 6, "Gmail 4.7.28": 1}),
        ("configuration_set", {None: 6, "set": 1}),
        ("isp_kind", {"consumer": 1, None: 6}),
        ("gateway", {"Proofpoint": 1, None: 6}),
        ("from_domain", {"shop.example": 7}),
        ("recipient_domain", {"example.com": 7}),
        (POOL, {"marketing": 1, None: 6}),
    ],
)
def test_a_metric_is_broken_down_by(name: str, expected: dict[Any, int], lake: Warehouse) -> None:
    rows = read_metric(lake, Question("delivery_rate", by=[name], pools={"marketing": ["198.51.100.8"], "none": []}))
    assert {row[name]: row["numerator"] for row in rows.to_dicts() if row["numerator"]} == expected


def test_templates_are_told_by_rendering_failures(lake: Warehouse) -> None:
    rows = read_metric(lake, Question("rendering_failures", by=["template"], where={"template": "welcome"}))
    assert rows.select("template", "numerator").to_dicts() == [{"template": "welcome", "numerator": 1}]


@pytest.mark.parametrize("by", [("day",), ("day", "subject")], ids=["marts", "outcomes"])
def test_by_event_day_a_complaint_counts_when_it_came(by: tuple[str, ...], lake: Warehouse) -> None:
    rows = read_metric(lake, Question("complaints", by=by, days="event"))
    assert {row["day"]: row["numerator"] for row in rows.to_dicts() if row["numerator"]} == {
        DAY: 1,
        DAY + timedelta(days=1): 1,
    }
    (row,) = read_metric(lake, Question("complaints", days="event", since=DAY, until=DAY)).to_dicts()
    assert row["numerator"] == 1


@pytest.mark.parametrize("by", [("isp",), ("isp", "subject")], ids=["marts", "outcomes"])
def test_the_period_before_stands_beside(by: tuple[str, ...], lake: Warehouse) -> None:
    rows = read_metric(lake, Question("overall_complaint_rate", by=by, since=DAY, until=DAY), compare=True)
    other = rows.filter(pl.col("isp") == "Other", *([pl.col("subject") == "Hello"] if "subject" in by else []))
    (row,) = other.to_dicts()
    assert (row["numerator"], row["previous_rate"]) == (0 if "subject" in by else 1, 1.0)
    assert row["difference_pp"] == pytest.approx((row["rate"] - 1) * 100)
    gmail = rows.filter(pl.col("isp") == "Gmail").to_dicts()[0]
    assert gmail["previous_rate"] is gmail["difference_pp"] is None


def test_a_first_period_has_none_before_it(lake: Warehouse) -> None:
    first = DAY - timedelta(days=1)
    (row,) = read_metric(lake, Question("delivery_rate", since=first, until=first), compare=True).to_dicts()
    assert (row["numerator"], row["previous_rate"], row["difference_pp"]) == (1, None, None)
    (row,) = read_metric(lake, Question("delivery_rate", since=DAY, until=DAY), compare=True).to_dicts()
    assert (row["numerator"], row["previous_rate"]) == (6, 1.0)


def test_conditions_narrow(lake: Warehouse) -> None:
    where = {"isp": "Gmail", "tag:campaign": "spring"}
    (row,) = read_metric(lake, Question("open_rate", where=where)).to_dicts()
    assert (row["numerator"], row["denominator"]) == (1, 2)
    assert read_metric(lake, Question("open_rate", by=["isp"], where={"isp": "'; drop table x; --"})).is_empty()


def test_how_long_deliveries_took(lake: Warehouse) -> None:
    (row,) = read_metric(lake, Question(LATENCY)).to_dicts()
    assert (row["deliveries"], row["p50"], round(row["p99"], 1)) == (7, 2.0, 94.6)
    rows = read_metric(lake, Question(LATENCY, by=["isp"], where={"isp": "Gmail"}))
    assert rows.to_dicts()[0]["p50"] == 51.0


@given(counts=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 1000)), min_size=1))
def test_the_interval_of_a_column_is_that_of_a_rate(counts: list[tuple[int, int]]) -> None:
    low, high = wilson(pl.col("n"), pl.col("d"))
    rows = pl.DataFrame(counts, schema={"n": pl.Int64, "d": pl.Int64}, orient="row").select(
        low.alias("l"), high.alias("h")
    )
    for (numerator, denominator), found in zip(counts, rows.iter_rows(), strict=True):
        assert found == pytest.approx(Rate(numerator, denominator).interval or (None, None))


def test_no_mail_is_no_row_and_not_zero(lake: Warehouse) -> None:
    assert read_metric(lake, Question("open_rate", since=date(2030, 1, 1))).is_empty()
    assert read_metric(lake, Question("open_rate", by=["subject"], since=date(2030, 1, 1))).is_empty()


DIMENSIONS = [name for name in BY if "NAME" not in name] + ["tag:campaign"]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([name for name in EXPECTED if "tracked" not in name]),
    by=st.lists(st.sampled_from(DIMENSIONS), min_size=1, max_size=3, unique=True),
    days=st.sampled_from(["sent", "event"]),
)
def test_the_parts_are_the_whole(name: str, by: list[str], days: Any, lake: Warehouse) -> None:
    whole = read_metric(lake, Question(name, days=days))
    parts = read_metric(lake, Question(name, by=by, days=days))
    for column in ("numerator", "denominator"):
        assert parts[column].sum() == (whole[column].sum())


@pytest.mark.parametrize(
    ("question", "compare", "words"),
    [
        (Question("complaint_rat"), False, "did you mean complaint_rate?"),
        (Question("open_rate", by=["identty"]), False, "did you mean identity?"),
        (Question("open_rate", by=["tag:"]), False, "No metric can be broken down by tag:"),
        (Question("open_rate", by=["isp", "isp"]), False, "named twice"),
        (Question("open_rate", since=DAY, until=DAY - timedelta(days=1)), False, "is after"),
        (Question("open_rate", since=DAY), True, "name the first and the last day"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told(
    question: Question, compare: bool, words: str, lake: Warehouse
) -> None:
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        read_metric(lake, question, compare=compare)


def test_each_file_has_the_shape_that_the_engine_reads() -> None:
    shapes = [read_shape(name) for name in list_metrics() if name != LATENCY]
    assert all(shape["numerator"] and shape["denominator"] for shape in shapes)


@pytest.fixture
def built(folder: Path, dumps: Path, build: Callable[..., object]) -> Path:
    """A warehouse with events of hostile subjects and tags."""
    send = change(read_fixture("send"), "mail.commonHeaders.subject", "=cmd()")
    send = change(send, "mail.tags", {**send["mail"]["tags"], "campaign": ["@sum"], "odd/~'name": ["x"]})
    tags = {**read_fixture("delivery")["mail"]["tags"], "a": ["b"], "ses:outgoing-tls-version": ["TLSv1.2"]}
    delivery = change(read_fixture("delivery"), "mail.tags", tags)
    write_dump(dumps / "a", as_lines([send, delivery]))
    build()
    return folder


def run(*arguments: object) -> str:
    """What a command prints."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_tags_of_events_are_dimensions(built: Path) -> None:
    rows = json.loads(run("--warehouse", built, "metrics", "sends", "--by", "tag:odd/~'name", "--format", "json"))
    assert [(row["tag:odd/~'name"], row["numerator"]) for row in rows] == [("x", 1)]


def test_csv_is_safe_in_a_spreadsheet(built: Path) -> None:
    text = run("--warehouse", built, "metrics", "sends", "--by", "subject,tag:campaign", "--format", "csv")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][:3] == ["'=cmd()", "'@sum", "1"]


def test_the_command_lists_what_there_is() -> None:
    listed = run("metrics")
    assert all(name in listed for name in list_metrics())


def test_the_step_returns_polars(built: Path) -> None:
    frame = steps.measure(Settings(warehouse=built), Question("delivery_rate", by=["isp"]))
    assert isinstance(frame, pl.DataFrame)
    assert frame["isp"].to_list()


def test_a_build_tells_how_mail_was_delivered(built: Path) -> None:
    with Warehouse(built) as lake:
        build_marts(lake, now=NOW, full=True)
        rows = lake.rows("select tls_version, delivery_seconds from marts.outcomes where delivered_at is not null")
    (row,) = rows
    seconds = read_fixture("delivery")["delivery"]["processingTimeMillis"] / 1000
    assert (row["tls_version"], row["delivery_seconds"]) == ("TLSv1.2", pytest.approx(seconds))


def test_a_time_that_is_none_is_among_the_deliveries_alone(folder: Path) -> None:
    seconds = (0.001, 2.5, 16_777.216, 1e18)
    with Warehouse(folder) as lake:
        lake.insert("marts.outcomes", [outcome(at, delivery_seconds=one) for at, one in enumerate(seconds)])
        (row,) = read_metric(lake, Question(LATENCY)).to_dicts()
    assert (row["deliveries"], row["p50"]) == (4, 2.5)


def test_how_long_deliveries_took_is_told_by_either_day_and_beside_the_period_before(folder: Path) -> None:
    rows = [
        outcome(1, sent_at=SENT, delivery_seconds=2.0),
        outcome(2, sent_at=SENT, delivered_at=SENT + timedelta(days=1), delivery_seconds=86_400.0),
        outcome(3, sent_at=SENT - timedelta(days=1), delivered_at=SENT - timedelta(days=1), delivery_seconds=5.0),
    ]
    with Warehouse(folder) as lake:
        lake.insert("marts.outcomes", rows)
        by_sending = read_metric(lake, Question(LATENCY, by=["day"])).to_dicts()
        assert {row["day"]: row["deliveries"] for row in by_sending} == {DAY: 2, DAY - timedelta(days=1): 1}
        by_event = read_metric(lake, Question(LATENCY, by=["day"], days="event")).to_dicts()
        assert {row["day"]: row["p50"] for row in by_event} == {
            DAY - timedelta(days=1): 5.0,
            DAY: 2.0,
            DAY + timedelta(days=1): 86_400.0,
        }
        (row,) = read_metric(lake, Question(LATENCY, since=DAY, until=DAY, days="event"), compare=True).to_dicts()
        assert (row["p50"], row["previous_p50"], row["difference_p50"]) == (2.0, 5.0, -3.0)
        (row,) = read_metric(lake, Question(LATENCY, by=["isp"], since=DAY, until=DAY), compare=True).to_dicts()
        assert (row["deliveries"], row["previous_p90"]) == (2, 5.0)


@pytest.mark.parametrize("name", [name for name in list_metrics() if name != LATENCY])
def test_the_days_of_events_add_up_to_their_period(name: str, lake: Warehouse) -> None:
    days: dict[str, Any] = {"days": "event", "since": DAY, "until": DAY + timedelta(days=1)}
    by_day = read_metric(lake, Question(name, by=["day", "sending_ip"], **days))
    whole = read_metric(lake, Question(name, by=["sending_ip"], **days))
    counts = [pl.col("numerator").sum(), pl.col("denominator").sum()]
    summed = by_day.group_by("sending_ip").agg(counts).sort("sending_ip")
    told = whole.select("sending_ip", "numerator", pl.col("denominator").fill_null(0)).sort("sending_ip")
    assert summed.with_columns(pl.col("denominator").fill_null(0)).rows() == told.rows()
