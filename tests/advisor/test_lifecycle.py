"""The life of a finding: opened, worse, fixed, back again, muted until a day, shown again; and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailgauge import renames
from mailgauge.advisor import advise, read_findings, rename_findings, write_findings
from mailgauge.checks import list_checks
from mailgauge.cli import app
from mailgauge.errors import UsageError
from mailgauge.findings import Finding
from mailgauge.lifecycle import list_findings, mute, read_history, unmute
from mailgauge.page_data import read_page
from mailgauge.renames import rename_finding
from mailgauge.settings import Settings
from mailgauge.warehouse import Warehouse
from mailgauge.words import narrow_finding

DAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 2, 3)  # noqa: DTZ001 (the warehouse keeps UTC without saying so)
YAHOO = ("complaint_rate", "isp:Yahoo")


@pytest.fixture
def lake(folder: Path) -> Iterator[Warehouse]:
    with Warehouse(folder) as opened:
        yield opened


def run(lake: Warehouse, complaints: int, *, days: int = 0) -> Any:
    """A night on which so many of a thousand complained, of ten thousand."""
    day = DAY + timedelta(days=10 * days)
    columns = lake.rows("describe marts.daily_by_event_day")
    row: dict[str, Any] = {one["column_name"]: 0 if one["column_type"] == "BIGINT" else None for one in columns}
    row |= {"day": day, "isp": "Yahoo", "complaints": 10 * complaints, "feedback_deliveries": 10_000}
    lake.insert("marts.daily_by_event_day", [row])
    return advise(lake, Settings(), day=day, now=NOW + timedelta(days=10 * days), dns=False)


def tell(lake: Warehouse) -> list[str]:
    return [f"{turn['happened']} {turn['impact']}" for turn in read_history(lake, "isp:Yahoo")]


def test_every_turn_of_a_finding_is_kept(lake: Warehouse) -> None:
    run(lake, 2)
    run(lake, 9, days=1)
    run(lake, 2, days=2)
    run(lake, 2, days=3)
    run(lake, 0, days=4)
    back = run(lake, 2, days=5)
    assert tell(lake) == ["opened LOW", "worse HIGH", "milder LOW", "fixed LOW", "regressed LOW"]
    assert (back.opened, back.regressed, back.fixed) == (1, 1, 0)
    (found,) = back.findings
    assert (found.first_seen_at, found.regressed_at) == (NOW, NOW + timedelta(days=50))
    (row,) = list_findings(lake, now=NOW)
    assert (row["state"], row["impact"], row["kind"]) == ("regressed", "LOW", found.kind)


def test_a_muted_finding_is_shown_nowhere_until_its_day(lake: Warehouse) -> None:
    run(lake, 9)
    until = NOW + timedelta(days=15)
    (muted,) = mute(lake, *YAHOO, until=until, reason=" a migration\n", now=NOW)
    assert muted.mute_reason == "a migration"
    during = run(lake, 9, days=1)
    assert (during.findings, during.muted) == ([], 1)
    page = read_page(lake, Settings(), day=DAY + timedelta(days=10), now=NOW + timedelta(days=10))
    assert list(page.findings) == []
    (row,) = list_findings(lake, now=NOW)
    assert (row["state"], row["muted_until"], row["mute_reason"]) == ("muted", until, "a migration")
    after = run(lake, 9, days=2)
    assert ([found.resource for found in after.findings], after.muted) == (["isp:Yahoo"], 0)
    assert list_findings(lake, now=NOW + timedelta(days=20))[0]["state"] == "open"


def test_it_can_be_shown_again_at_once(lake: Warehouse) -> None:
    run(lake, 9)
    mute(lake, *YAHOO, until=NOW + timedelta(days=15), reason="wait", now=NOW)
    assert [found.resource for found in unmute(lake, *YAHOO, now=NOW)] == ["isp:Yahoo"]
    assert unmute(lake, *YAHOO, now=NOW) == []
    assert len(run(lake, 9, days=1).findings) == 1
    assert [(turn["happened"], turn["note"]) for turn in read_history(lake)] == [
        ("opened", None),
        ("muted", "until 2026-04-17: wait"),
        ("unmuted", None),
    ]


def test_fixed_ones_are_listed_where_all_are_wanted(lake: Warehouse) -> None:
    run(lake, 9)
    run(lake, 0, days=1)
    assert list_findings(lake, now=NOW) == []
    mute(lake, *YAHOO, until=NOW + timedelta(days=99), reason="it may be back", now=NOW)
    (row,) = list_findings(lake, now=NOW, all_of_them=True)
    assert (row["state"], row["fixed_at"]) == ("fixed", NOW + timedelta(days=10))
    assert narrow_finding(row)["state"] == "fixed 2026-04-12"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"check": "dmarc"}, r"no finding of dmarc on isp:Yahoo: `mailgauge findings` lists all there are\."),
        ({"resource": "isp:Gmail"}, r"no finding of complaint_rate on isp:Gmail: .* has them on isp:Yahoo\."),
        ({"kind": "none"}, r"no finding of complaint_rate on isp:Yahoo of kind none"),
        ({"until": NOW}, r"2026-04-02 is not to come"),
        ({"reason": " "}, r"Say why with --reason"),
    ],
)
def test_what_cannot_be_muted_is_told(changes: dict[str, Any], sentence: str, lake: Warehouse) -> None:
    run(lake, 9)
    usual: dict[str, Any] = {
        "check": YAHOO[0],
        "resource": YAHOO[1],
        "until": NOW + timedelta(days=1),
        "reason": "r",
        "now": NOW,
    }
    with pytest.raises(UsageError, match=sentence):
        mute(lake, **usual | changes)
    assert tell(lake) == ["opened HIGH"]


def test_a_finding_is_muted_and_looked_at_from_the_command_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["--warehouse", str(folder), *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    monkeypatch.chdir(folder.parent)
    with Warehouse(folder) as lake:
        lake.insert("raw.builds", [{"object_id": 0, "fingerprint": "", "built_at": NOW}])
        run(lake, 9)
    said = call("mute", *YAHOO, "--until", "2999-01-01", "--reason", "a=1 [red]")
    assert said.startswith("Muted until 2999-01-01: ")
    assert "Yahoo" in said
    (row,) = json.loads(call("findings", "--format", "json", "--resource", "isp:Yahoo"))
    assert (row["state"], row["mute_reason"]) == ("muted", "a=1 [red]")
    assert "muted until 2999-01-01  HIGH" in call("findings")
    assert [line.split()[2] for line in call("findings", "--history").splitlines()[2:]] == ["opened", "muted"]
    assert call("unmute", *YAHOO).startswith("Shown again: ")
    assert call("unmute", *YAHOO) == "It was not muted.\n"
    assert call("findings", "--resource", "isp:Gmail").startswith("There are none: ")


def test_a_mute_of_one_kind_leaves_the_others(lake: Warehouse) -> None:
    from mailgauge.advisor import write_findings

    both = [
        Finding("spf_record", "identity:a.example", kind, "LOW", "t", {}, "r", (), day=DAY, first_seen_at=NOW,
                last_seen_at=NOW)
        for kind in ("all", "lookups")
    ]  # fmt: skip
    write_findings(lake, both)
    mute(lake, "spf_record", "identity:a.example", until=NOW + timedelta(days=1), reason="r", now=NOW, kind="all")
    assert {row["kind"]: row["state"] for row in list_findings(lake, now=NOW)} == {"all": "muted", "lookups": "open"}


@pytest.mark.parametrize(
    ("old", "kind", "new", "new_kind"),
    [
        ("spf_record", "missing", "spf_missing", "record"),
        ("dkim_key", "length s1", "dkim_length", "s1"),
        ("dmarc_policy", "policy_none", "dmarc_policy", "record"),
        ("provider_rule", "Yahoo TSS09", "rule_block", "Yahoo TSS09"),
        ("reverse_dns", "unconfirmed", "reverse_dns_unconfirmed", "ptr"),
        ("event_publishing", "bounce", "bounces_unpublished", "bounce"),
        ("complaint_rate", "rate", "complaint_rate", "rate"),
    ],
)
def test_the_findings_of_a_check_that_became_several_go_on(
    old: str, kind: str, new: str, new_kind: str, lake: Warehouse
) -> None:
    before = Finding(old, "identity:a.example", kind, "LOW", "t", {}, "r", (), day=DAY, first_seen_at=NOW,
                     last_seen_at=NOW, muted_until=NOW + timedelta(days=90), mute_reason="later")  # fmt: skip
    write_findings(lake, [before])
    for _ in range(2):
        rename_findings(lake)
        assert read_findings(lake) == [replace(before, check=new, kind=new_kind)]


def test_every_new_name_is_a_check() -> None:
    known = {check.NAME for check in list_checks()}
    words = [(old, word) for old, word in renames.NAMES] + [(old, word) for old, word in renames.SAME_KIND]
    words += [("dkim_key", f"{word} s1") for word in renames.KEYS] + list(renames.OTHERS)
    for old, kind in words:
        assert rename_finding(Finding(old, "r", kind, "LOW", "t", {}, "r", ())).check in known
