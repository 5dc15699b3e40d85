"""Expiring: the events go, the counts stay through any build, and what comes late counts once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documents import all_types, as_lines, change, read_fixture, write_dump
from mailgauge import steps
from mailgauge.errors import UsageError
from mailgauge.expiry import expire
from mailgauge.marts import COUNTED, build_marts
from mailgauge.profiles import read_profile
from mailgauge.settings import Settings
from mailgauge.status import read_status
from mailgauge.warehouse import Warehouse

SENT = date(2026, 3, 30)
LATER = datetime(2026, 6, 1, 3)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)


def counts(folder: Path) -> dict[str, list[str]]:
    with Warehouse(folder, read_only=True) as lake:
        return {name: sorted(map(str, lake.rows(f"select * from marts.{name}"))) for name in COUNTED}


def total(folder: Path, column: str) -> int:
    with Warehouse(folder, read_only=True) as lake:
        found: int = lake.value(f"select coalesce(sum({column}), 0)::bigint from marts.daily")
        return found


def let_go(folder: Path, keep_days: int = 30) -> Any:
    with Warehouse(folder) as lake:
        return expire(lake, keep_days=keep_days, now=LATER)


def rebuild(folder: Path) -> None:
    with Warehouse(folder) as lake:
        build_marts(lake, now=LATER, full=True)


def require_agreement(folder: Path) -> None:
    """Status and the gate's sums say that everything agrees, and a rebuild gives the same counts."""
    with Warehouse(folder) as lake:
        assert read_status(lake).disagreements == []
        profile = read_profile(lake, day=SENT, now=LATER)
    assert {name: profile[name] for name in profile if "differences" in name or "unaccounted" in name} == {
        "outcome_differences": 0,
        "hourly_differences": 0,
        "event_day_differences": 0,
        "unaccounted_quarantine": 0,
    }
    before = counts(folder)
    rebuild(folder)
    assert counts(folder) == before


def young(name: str) -> dict[str, Any]:
    """A document of a message that stays."""
    document = change(read_fixture(name), "mail.timestamp", "2026-05-20T07:00:00.000Z")
    return change(document, "mail.messageId", "young")


def test_the_events_go_and_the_counts_stay_through_every_kind_of_build(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    bad = b'{"eventType": "Send", "mail": {"messageId": "x", "timestamp": "1970-01-01T00:00:00Z"}}\n'
    write_dump(dumps / "a", as_lines([*all_types(), young("send")]) + bad)
    build()
    before = counts(folder)
    done = let_go(folder)
    assert done.before_day == (LATER - timedelta(days=30)).date()
    assert (done.event_rows > 0, done.quarantined) == (True, 1)
    with Warehouse(folder, read_only=True) as lake:
        assert lake.value("select list(distinct message_id) from raw.events") == ["young"]
        assert lake.value("select list(distinct message_id) from marts.outcomes") == ["young"]
        assert lake.value("select count(*) from raw.quarantine") == 0
        assert lake.value("select messages from raw.expiries") == done.messages
    assert counts(folder) == before
    require_agreement(folder)
    with Warehouse(folder) as lake:
        lake.execute("update raw.builds set fingerprint = 'of an older version'")
        assert build_marts(lake, now=LATER).is_full
    assert counts(folder) == before
    assert let_go(folder).messages == 0
    write_dump(dumps / "b", as_lines([young("delivery")]))
    build()
    assert total(folder, "deliveries") == 2
    require_agreement(folder)


def test_what_comes_late_of_an_expired_message_counts_and_counts_once(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("send"), read_fixture("delivery")]))
    build()
    let_go(folder)
    opened = [
        change(read_fixture("open-by-a-person"), "open.timestamp", f"2026-05-29T0{hour}:00:00.000Z") for hour in (7, 8)
    ]
    for number, document in enumerate([opened[0], read_fixture("delivery"), opened[1]]):
        write_dump(dumps / f"late{number}", as_lines([document]))
        build()
        require_agreement(folder)
        assert [total(folder, name) for name in ("sends", "deliveries", "opens", "human_opens")] == [1, 1, 1, 1]
        if number == 1:
            assert let_go(folder).messages == 1
            require_agreement(folder)


def test_an_old_dump_that_was_never_loaded_still_counts(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("send")]))
    build()
    let_go(folder)
    write_dump(dumps / "b", as_lines([change(read_fixture("send"), "mail.messageId", "found later")]))
    build()
    assert total(folder, "sends") == 2
    require_agreement(folder)
    assert let_go(folder).messages == 1
    require_agreement(folder)
    assert total(folder, "sends") == 2


def test_a_provider_stays_known_as_complaining_when_its_complaint_has_expired(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    who = [{"emailAddress": "y@t-online.de"}]
    write_dump(dumps / "a", as_lines([change(read_fixture("complaint"), "complaint.complainedRecipients", who)]))
    write_dump(dumps / "b", as_lines([change(young("delivery"), "delivery.recipients", ["x@t-online.de"])]))
    build()
    let_go(folder)
    assert total(folder, "feedback_deliveries") == 1
    require_agreement(folder)


def test_a_column_that_a_mart_gets_later_is_0_for_expired_days(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("send")]))
    build()
    before = counts(folder)
    with Warehouse(folder) as lake:
        lake.execute("alter table marts.retained_daily drop column unsubscribes")
    let_go(folder)
    assert counts(folder) == before
    require_agreement(folder)


def test_expiring_builds_first_what_was_never_counted(dumps: Path, folder: Path, load: Callable[..., object]) -> None:
    write_dump(dumps / "a", as_lines([read_fixture("send")]))
    load()
    let_go(folder)
    assert total(folder, "sends") == 1


def test_nothing_expires_where_nobody_says_how_long_to_keep(folder: Path) -> None:
    with pytest.raises(UsageError, match="Name it with --keep-days"):
        steps.expire(Settings(warehouse=folder))
    assert steps.expire(Settings(warehouse=folder), 1).messages == 0
