"""Machine traffic: which opens and clicks are a machine's, by which signs, and that increments equal a rebuild."""

from __future__ import annotations

import ipaddress
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from documents import as_lines, change, read_fixture, write_dump
from mailgauge import machines, paths
from mailgauge.expiry import expire
from mailgauge.ingest import ingest
from mailgauge.machines import read_networks
from mailgauge.marts import build_marts
from mailgauge.sources import list_objects
from mailgauge.warehouse import Warehouse
from moments import NOW

DELIVERED = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)
PERSON = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
PREFETCH = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
    "Safari/537.36 Edge/12.246 Mozilla/5.0"
)
HOME, BARRACUDA, CLOUD, CLOUD_6 = "203.0.113.5", "64.235.150.7", "3.0.77.1", "2600:1f18:1234::5"


def stamp(seconds: float) -> str:
    return (DELIVERED + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def deliver(message: str = "m1", recipient: str = "anna@gmail.com") -> dict[str, Any]:
    document = change(read_fixture("delivery"), "mail.messageId", message)
    document = change(change(document, "mail.destination", [recipient]), "delivery.recipients", [recipient])
    return change(document, "delivery.timestamp", stamp(0))


def read(
    kind: str,
    seconds: float,
    *,
    agent: str | None = PERSON,
    ip: str | None = HOME,
    told: str | None = None,
    link: str = "https://acme.example/a",
    message: str = "m1",
    recipient: str = "anna@gmail.com",
) -> dict[str, Any]:
    """An open or click so many seconds after the delivery."""
    document = change(
        read_fixture("open-by-a-person" if kind == "open" else "click-by-a-scanner"), "mail.messageId", message
    )
    document = change(document, "mail.destination", [recipient])
    own: dict[str, Any] = {"timestamp": stamp(seconds), "userAgent": agent, "ipAddress": ip, "isBotEvent": told}
    if kind == "click":
        own |= {"link": link, "linkTags": None}
    return change(
        document, kind, {name: value for name, value in own.items() if value is not None or name == "linkTags"}
    )


def verdicts(folder: Path) -> list[tuple[str, str | None, float, bool]]:
    with Warehouse(folder, read_only=True) as lake:
        rows = lake.rows("select * from marts.engagements order by occurred_at, link, message_id")
    return [(row["happened"], row["evidence"], row["score"], row["is_machine"]) for row in rows]


ONE = {
    "a person": (read("open", 600), None, 0.0, False),
    "a person, as SES says": (read("open", 600, told="Unlikely"), "judged_human", 0.0, False),
    "what SES calls a bot": (read("click", 600, told="Likely"), "bot_event", 1.0, True),
    "in any case of letters": (read("click", 600, told="LIKELY"), "bot_event", 1.0, True),
    "an unknown word of SES": (read("click", 600, told="Perhaps"), None, 0.0, False),
    "Apple's privacy": (
        read("open", 600, agent="Mozilla/5.0", told="Unlikely"), "apple_privacy, judged_human", 0.8, True,
    ),
    "an agent that names nothing clicks": (read("click", 600, agent="Mozilla/5.0"), "scanner_agent", 1.0, True),
    "Gmail's proxy": (read("open", 600, agent=GMAIL, ip="66.249.93.5"), "image_proxy", 0.0, False),
    "Gmail's prefetch": (read("open", 600, agent=PREFETCH), "prefetch", 1.0, True),
    "before the delivery": (read("open", -3), "prefetch", 1.0, True),
    "within a second of it": (read("click", 0.9), "prefetch", 1.0, True),
    "a person with a phone in hand": (read("open", 3, agent=PHONE), None, 0.0, False),
    "a scanner by name": (read("click", 40, agent="Barracuda Sentinel (EE)"), "scanner_agent", 1.0, True),
    "a program": (read("click", 40, agent="python-requests/2.32.3"), "scanner_agent", 1.0, True),
    "mail read in Outlook": (
        read("open", 40, agent="Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.14931; Pro)"),
        None, 0.0, False,
    ),
    "a scanner's network": (read("click", 40, ip=BARRACUDA), "scanner_network", 0.8, True),
    "a scanner's network opens": (read("open", 40, ip=BARRACUDA), "scanner_network", 0.8, True),
    "a data centre": (read("click", 40, ip=CLOUD), "data_centre", 0.6, True),
    "a data centre by IPv6": (read("click", 40, ip=CLOUD_6), "data_centre", 0.6, True),
    "a data centre by mapped IPv4": (read("click", 40, ip=f"::FFFF:{CLOUD}"), "data_centre", 0.6, True),
    "a data centre, and SES says a person": (
        read("click", 40, ip=CLOUD, told="Unlikely"), "data_centre, judged_human", 0.4, False,
    ),
    "a webmail's server opens": (read("open", 40, ip=CLOUD), None, 0.0, False),
    "no address and no agent": (read("click", 40, agent=None, ip=None), None, 0.0, False),
    "no address at all": (read("click", 40, ip="unknown"), None, 0.0, False),
    "an impossible address": (read("click", 40, ip="3.0.999.1"), None, 0.0, False),
    "a long, hostile agent": (read("open", 40, agent="\x1b[31m<script>" + "x" * 65_000 + "python"), None, 0.0, False),
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path) -> dict[str, dict[str, Any]]:
    """What became of each of ONE, each in a message of its own."""
    tmp_path = tmp_path_factory.mktemp("one")
    shutil.copytree(empty_warehouse, tmp_path / "warehouse")
    documents = [
        part
        for name, (document, *_) in ONE.items()
        for part in (deliver(name), change(document, "mail.messageId", name))
    ]
    write_dump(tmp_path / "dumps" / "a", as_lines(documents))
    with Warehouse(tmp_path / "warehouse") as lake:
        ingest(lake, list_objects([str(tmp_path / "dumps")]), now=NOW)
        build_marts(lake, now=NOW)
        return {row["message_id"]: row for row in lake.rows("select * from marts.engagements")}


@pytest.mark.parametrize("name", ONE)
def test_one_open_or_click_is_judged_by_what_it_shows(name: str, judged: dict[str, dict[str, Any]]) -> None:
    _, evidence, score, is_machine = ONE[name]
    found = judged[name]
    assert (found["evidence"], found["score"], found["is_machine"]) == (evidence, score, is_machine)
    assert found["reason"] == (evidence.split(", ")[0] if evidence else None)


LINKS = [f"https://acme.example/{letter}" for letter in "abcdefgh"]
SEVERAL: dict[str, tuple[list[dict[str, Any]], list[str | None]]] = {
    "two quick clicks of a person": ([read("click", 60), read("click", 60.4)], [None, None]),
    "a person who reads on": (
        [read("click", 60 + 20 * place, link=link) for place, link in enumerate(LINKS[:4])], [None] * 4,
    ),
    "a burst over different links": (
        [read("click", 60 + place / 10, link=link) for place, link in enumerate(LINKS[:3])],
        ["click_burst, all_links"] * 3,
    ),
    "a burst on one link": ([read("click", 60 + place / 10) for place in range(5)], ["click_burst"] * 5),
    "four impatient clicks": ([read("click", 60 + place / 10) for place in range(4)], [None] * 4),
    "all links, one after the other": (
        [read("click", 60 + 3 * place, link=link) for place, link in enumerate(LINKS[:4])], ["all_links"] * 4,
    ),
    "all links, then a person": (
        [*(read("click", 60 + 3 * place, link=link) for place, link in enumerate(LINKS[:4])), read("click", 4000)],
        [None] * 5,
    ),
    "a burst, then a person": (
        [*(read("click", 60 + place / 10, link=link) for place, link in enumerate(LINKS[:3])), read("click", 4000)],
        ["click_burst"] * 3 + [None],
    ),
    "fetched early, then opened": ([read("open", 0, agent=PREFETCH), read("open", 900)], ["prefetch", None]),
}  # fmt: skip


@pytest.mark.parametrize("name", SEVERAL)
def test_several_clicks_are_judged_together(name: str, dumps: Path, folder: Path, build: Callable[..., object]) -> None:
    documents, evidence = SEVERAL[name]
    write_dump(dumps / "a", as_lines([deliver(), *documents]))
    build()
    assert [verdict[1] for verdict in verdicts(folder)] == evidence


def test_a_person_after_a_machine_is_a_person(dumps: Path, folder: Path, build: Callable[..., object]) -> None:
    write_dump(dumps / "a", as_lines([deliver(), read("open", 0, agent=PREFETCH), read("click", 40, ip=BARRACUDA)]))
    build()
    with Warehouse(folder, read_only=True) as lake:
        (row,) = lake.rows("select * from marts.outcomes")
    assert (row["human_opened_at"], row["human_clicked_at"]) == (None, None)
    assert (row["machine_open_reason"], row["machine_click_reason"]) == ("prefetch", "scanner_network")
    write_dump(dumps / "b", as_lines([read("open", 900), read("click", 950)]))
    build()
    with Warehouse(folder, read_only=True) as lake:
        (row,) = lake.rows("select * from marts.outcomes")
        (counts,) = lake.rows("select opens, human_opens, clicks, human_clicks from marts.daily where opens > 0")
    assert row["human_opened_at"] == DELIVERED.replace(tzinfo=None) + timedelta(seconds=900)
    assert (row["machine_open_reason"], row["machine_click_reason"]) == (None, None)
    assert counts == {"opens": 1, "human_opens": 1, "clicks": 1, "human_clicks": 1}


def test_opens_are_those_of_people_and_those_of_machines_by_reason(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    opens = [
        read("open", 600, message="m1"),
        read("open", 600, message="m2", agent="Mozilla/5.0"),
        read("open", 600, message="m3", agent=PREFETCH),
        read("open", 600, message="m4", agent=GMAIL),
    ]
    write_dump(dumps / "a", as_lines(opens))
    build()
    with Warehouse(folder, read_only=True) as lake:
        counts = lake.rows("select sum(opens)::int as opens, sum(human_opens)::int as human from marts.daily")
        reasons = lake.rows(
            "select machine_open_reason as reason, count(*) as n from marts.outcomes where opened_at is not null "
            "group by all order by all nulls first"
        )
    assert counts == [{"opens": 4, "human": 2}]
    assert reasons == [{"reason": None, "n": 2}, {"reason": "apple_privacy", "n": 1}, {"reason": "prefetch", "n": 1}]


MAILBOXES = ["gmail.com", "gmx.de", "yahoo.com", "aol.com"]
COMPANIES = [f"p{place}@company{place % 3}.example" for place in range(5)]


def click_for(recipients: list[str], seconds: float = 45) -> list[dict[str, Any]]:
    return [read("click", seconds + place / 10, message=name, recipient=name) for place, name in enumerate(recipients)]


def test_an_address_that_clicks_for_many_companies_is_no_persons(
    dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    """Also the clicks before the one that gives it away; and one more an hour later is not concerned."""
    write_dump(dumps / "a", as_lines(click_for(COMPANIES[:4])))
    build()
    assert {verdict[1] for verdict in verdicts(folder)} == {None}
    write_dump(dumps / "b", as_lines([*click_for(COMPANIES[4:], 50), *click_for(["late@company9.example"], 3600)]))
    build()
    assert [verdict[1] for verdict in verdicts(folder)] == ["shared_ip"] * 5 + [None]
    with Warehouse(folder) as lake:
        (daily,) = lake.rows("select sum(clicks)::int as clicks, sum(human_clicks)::int as human from marts.daily")
    assert daily == {"clicks": 6, "human": 1}


@pytest.mark.parametrize(
    "recipients",
    [
        pytest.param([f"p{place}@company.example" for place in range(9)], id="one company behind one address"),
        pytest.param([f"p{place}@{name}" for place in range(3) for name in MAILBOXES], id="a mobile network"),
        pytest.param(["a@one.example", "b@two.example", "c@three.example", "d@gmail.com"], id="four people"),
    ],
)  # fmt: skip
def test_an_address_that_people_share_is_still_theirs(
    recipients: list[str], dumps: Path, folder: Path, build: Callable[..., object]
) -> None:
    write_dump(dumps / "a", as_lines(click_for(recipients)))
    build()
    assert {verdict[1] for verdict in verdicts(folder)} == {None}


READ = st.lists(
    st.tuples(
        st.sampled_from(["open", "click"]),
        st.integers(0, 5),
        st.sampled_from([0.5, 45, 45.4, 46, 50, 300]),
        st.sampled_from([PERSON, PREFETCH, "Mozilla/5.0"]),
        st.sampled_from([HOME, HOME, CLOUD]),
        st.sampled_from(LINKS[:3]),
    ),
    max_size=12,
)


def tables(folder: Path) -> dict[str, list[str]]:
    with Warehouse(folder, read_only=True) as lake:
        names = ("marts.outcomes", "marts.engagements", "marts.daily", "marts.daily_by_event_day", "raw.shared_ips")
        return {name: sorted(str(row) for row in lake.rows(f"select * from {name}")) for name in names}


@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(reads=READ, order=st.randoms(use_true_random=False), middle=st.integers(1, 20))
def test_any_order_gives_the_scores_of_a_rebuild(
    reads: list[Any], order: Any, middle: int, tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path
) -> None:
    """Five clicks that give an address away are always among them."""
    documents = [*click_for(COMPANIES), *(deliver(name, name) for name in COMPANIES[:2])]
    for kind, person, seconds, agent, ip, link in reads:
        name = [*COMPANIES, "x@gmail.com"][person]
        documents.append(read(kind, seconds, agent=agent, ip=ip, link=link, message=name, recipient=name))
    order.shuffle(documents)
    tmp_path = tmp_path_factory.mktemp("scores")
    for name, parts in {"at-once": [documents], "in-parts": [documents[:middle], documents[middle:]]}.items():
        shutil.copytree(empty_warehouse, tmp_path / name / "warehouse")
        with Warehouse(tmp_path / name / "warehouse") as lake:
            for place, part in enumerate(parts):
                write_dump(tmp_path / name / "dumps" / f"{place}", as_lines(part))
                ingest(lake, list_objects([str(tmp_path / name / "dumps")]), now=NOW)
                build_marts(lake, now=NOW)
    incremental = tables(tmp_path / "in-parts" / "warehouse")
    assert len(incremental["raw.shared_ips"]) == 1
    assert incremental == tables(tmp_path / "at-once" / "warehouse")
    with Warehouse(tmp_path / "in-parts" / "warehouse") as lake:
        build_marts(lake, now=NOW, full=True)
    assert incremental == tables(tmp_path / "in-parts" / "warehouse")


def test_what_expired_clicks_gave_away_stays_known(dumps: Path, folder: Path, build: Callable[..., object]) -> None:
    """Of the messages that clicked together one was sent later, and stays: so does what is known of its click."""
    clicks = click_for(COMPANIES)
    clicks[0] = change(clicks[0], "mail.timestamp", "2026-03-30T06:59:00.000Z")
    clicks[1:] = [change(click, "mail.timestamp", "2026-03-01T06:59:00.000Z") for click in clicks[1:]]
    write_dump(dumps / "a", as_lines(clicks))
    build()
    with Warehouse(folder) as lake:
        expire(lake, keep_days=(NOW.date() - DELIVERED.date()).days + 2, now=NOW)
        assert lake.value("select count(*) from raw.events") == 1
        build_marts(lake, now=NOW, full=True)
        assert lake.rows("select evidence from marts.engagements") == [{"evidence": "shared_ip"}]
        assert lake.value("select sum(human_clicks)::int from marts.daily") == 0


def test_new_networks_score_again_what_is_there(
    tmp_path: Path, dumps: Path, folder: Path, build: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dump(dumps / "a", as_lines([read("click", 40)]))
    build()
    assert verdicts(folder) == [("click", None, 0.0, False)]
    changed = tmp_path / "machine_networks.csv"
    changed.write_text(
        f"{machines.NETWORKS_FILE.read_text()}data_centre,Nearby Hosting,203.0.113.0/24,ours\n", encoding="utf-8"
    )
    monkeypatch.setattr(machines, "NETWORKS_FILE", changed)
    with Warehouse(folder) as lake:
        assert build_marts(lake, now=NOW).is_full
    assert verdicts(folder) == [("click", "data_centre", 0.6, True)]


def test_the_pattern_of_agents_is_their_list(folder: Path) -> None:
    text = (paths.SQL / "marts" / "engagements.sql").read_text(encoding="utf-8")
    pattern = "".join(re.findall(r"'(.*?)'", text[text.index("googleimageproxy") - 1 : text.index(") as token")]))
    with Warehouse(folder, read_only=True) as lake:
        rows = lake.rows("select token, evidence from staging.machine_agents")
        known = {row["evidence"] for row in lake.rows("select evidence from staging.machine_evidence")}
    assert sorted(pattern.replace("[.]", ".").split("|")) == sorted(row["token"] for row in rows)
    assert {row["evidence"] for row in rows} <= known


def test_the_signs_stand_in_the_order_of_their_weights(folder: Path) -> None:
    """So that the first of an open's or click's is its reason."""
    with Warehouse(folder, read_only=True) as lake:
        rows = lake.rows("select evidence, weight from staging.machine_evidence")
    weights = {row["evidence"]: row["weight"] for row in rows}
    assert sorted(weights.values(), reverse=True) == list(weights.values())
    text = (paths.SQL / "marts" / "engagements.sql").read_text(encoding="utf-8")
    named = re.findall(r"then '(\w+)'", text)
    assert named == list(weights)
    assert weights["data_centre"] == Decimal("0.60")


def test_the_networks_are_networks_of_one_owner_each() -> None:
    parts = read_networks()
    assert {part["evidence"] for part in parts} == {"scanner_network", "data_centre"}
    places = sorted((part["prefix"], part["first_rest"], part["last_rest"], part["owner"]) for part in parts)
    for (prefix, _, last, owner), (next_prefix, first, _, other) in pairwise(places):
        assert prefix != next_prefix or first > last or owner == other, (prefix, owner, other)
    with machines.NETWORKS_FILE.open(encoding="utf-8") as file:
        assert all(ipaddress.ip_network(line.split(",")[2]).is_global for line in list(file)[1:])
