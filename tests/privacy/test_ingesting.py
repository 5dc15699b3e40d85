"""A pseudonymised warehouse: no local part in any column or file, the same counts, one key for good."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from documents import FIXTURES, OWN_OBJECT, all_types, as_lines, change, read_fixture, write_dump
from mailgauge import steps
from mailgauge.envelopes import open_document
from mailgauge.errors import UsageError
from mailgauge.ingest import Ingested, ingest
from mailgauge.marts import build_marts
from mailgauge.persons import name_in
from mailgauge.pseudonyms import Pseudonyms
from mailgauge.settings import Settings
from mailgauge.sources import list_objects
from mailgauge.streams import STREAMS, Arrived, add_letters
from mailgauge.trace import read_trace
from mailgauge.warehouse import Warehouse
from moments import NOW

KEY = "0123456789abcdef0123456789abcdef"
PEOPLE = Pseudonyms(KEY)
SECRETS = ("zoe", "zimmer", "quentin")
"""What the local parts of these documents are made of."""

Load = Callable[..., Ingested]


@pytest.fixture
def load_people(folder: Path, dumps: Path) -> Load:
    """Ingest the dumps with pseudonyms."""

    def run(pseudonyms: Pseudonyms | None = PEOPLE) -> Ingested:
        with Warehouse(folder) as lake:
            done = ingest(lake, list_objects([str(dumps)]), now=NOW, pseudonyms=pseudonyms)
            build_marts(lake, now=NOW)
            return done

    return run


def hostile_text(value: Any, key: str = "") -> Any:
    """A document with an address in every text that is no address, time or type, in every spelling."""
    if isinstance(value, dict):
        return {name: hostile_text(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [hostile_text(item, key) for item in value]
    if not isinstance(value, str) or key in ("eventType", "timestamp", "expirationTime", "emailAddress", "destination"):
        return value
    if key in ("recipients", "isBotEvent"):
        return value
    return f'{value} Zoe.Zimmer@x.example ?e=zoe.zimmer%40x.example "zoe zimmer"@x.example \\u003czoe\\u0040x.example'


def hostile_documents() -> list[dict[str, Any]]:
    """Events of every type about zoe.zimmer, told as strangers might."""
    found = []
    for document in all_types():
        person = change(document, "mail.destination", ["Zoe.Zimmer@x.example", "quentin@x.example"])
        own = OWN_OBJECT.get(str(document["eventType"]), "")
        for name in ("bouncedRecipients", "complainedRecipients", "delayedRecipients"):
            if name in person.get(own, {}):
                told = {"emailAddress": '"Zoe" <zoe.zimmer@x.example>', "diagnosticCode": "no mailbox ZOE.ZIMMER here"}
                person = change(person, f"{own}.{name}", [told, {"emailAddress": "quentin"}])
        if own == "delivery":
            person = change(person, "delivery.recipients", ["zoe.zimmer@x.example"])
        found.append(change(person, "mail.tags.user", ["zoe.zimmer"]))
        found.append(hostile_text(change(person, "mail.messageId", f"{own}1")))
    return found


def dump_tables(folder: Path) -> str:
    """Every value of every column of every table and view, in lower case, a column a line."""
    told = []
    with Warehouse(folder, read_only=True) as lake:
        query = "select table_schema as s, table_name as n from information_schema.tables where table_catalog = 'lake'"
        for relation in lake.rows(query):
            name = f'{relation["s"]}."{relation["n"]}"'
            columns = lake.frame(f"select * from {name} order by all").to_dict(as_series=False)
            told += [f"{name} {column}: {values}" for column, values in columns.items()]
    assert len(told) > 100
    return "\n".join(told).lower()


def find_secrets(told: str) -> list[str]:
    """The columns that hold a secret."""
    return [line[:400] for line in told.splitlines() if any(secret in line for secret in SECRETS)]


def test_no_local_part_is_left_in_any_column_or_file(folder: Path, dumps: Path, load_people: Load) -> None:
    clean = as_lines(hostile_documents())
    broken = [line[:-9] for line in clean.splitlines()] + [
        b"zoe.zimmer@x.example",
        b'{"eventType":"zoe.zimmer@x.example"}',
    ]
    slow = [json.dumps(one, indent=1).encode() for one in hostile_documents()]
    write_dump(dumps / "clean", clean)
    write_dump(dumps / "broken", b"\n".join(broken))
    write_dump(dumps / "slow", b"\n".join(slow))
    done = load_people()
    assert (done.loaded > 15, done.quarantined, done.failed) == (True, len(broken), [])
    told = dump_tables(folder)
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).lower()
    assert find_secrets(told) == []
    assert not any(secret.encode() in files for secret in SECRETS)
    assert PEOPLE.address("zoe.zimmer@x.example") in told
    with Warehouse(folder, read_only=True) as lake:
        assert lake.value("select count(*) from raw.events where not json_valid(tags)") == 0
        assert lake.value("select count(*) from raw.events where recipient_domain <> 'x.example'") == 0


def test_the_same_documents_leave_their_secrets_where_nothing_is_asked(
    folder: Path, dumps: Path, load_people: Load
) -> None:
    write_dump(dumps / "clean", as_lines(hostile_documents()))
    load_people(None)
    told = dump_tables(folder)
    assert all(secret in told for secret in SECRETS)


def test_small_streams_have_pseudonyms_too(folder: Path) -> None:
    documents = [json.loads(path.read_text()) for path in sorted((FIXTURES.parent / "streams").glob("*.json"))]
    told = json.dumps(documents)
    for place, secret in enumerate(
        sorted({one.rpartition('"')[2] for one in told.split("@")[:-1] if one.rpartition('"')[2].isalpha()})
    ):
        told = told.replace(f'"{secret}@', f'"{SECRETS[place % 3]}@')
    arrived = [Arrived(1, place, letter) for place, one in enumerate(json.loads(told)) for letter in open_document(one)]
    with Warehouse(folder) as lake:
        first = add_letters(lake, [one for one in arrived if one.letter.kind in STREAMS], PEOPLE)
        again = add_letters(lake, [one for one in arrived if one.letter.kind in STREAMS], PEOPLE)
    assert first.refused == []
    assert len(again.duplicates) == len([one for one in arrived if one.letter.kind in STREAMS])
    made = dump_tables(folder)
    assert "person-" in made
    assert find_secrets(made) == []


def test_counts_are_those_of_a_plain_warehouse_and_duplicates_are_known(
    folder: Path, dumps: Path, load_people: Load, tmp_path: Path
) -> None:
    documents = [*all_types(), read_fixture("send-to-three-recipients"), read_fixture("delivery-to-two-of-three")]
    write_dump(dumps / "a", as_lines(documents))
    write_dump(dumps / "b", as_lines(documents[:5]))
    with Warehouse(tmp_path / "plain") as lake:
        plain = ingest(lake, list_objects([str(dumps)]), now=NOW)
        build_marts(lake, now=NOW)
        expected = lake.rows("select * from marts.daily order by all")
    made = load_people()
    assert made == plain
    assert made.duplicates == 5
    with Warehouse(folder, read_only=True) as lake:
        assert lake.rows("select * from marts.daily order by all") == expected


def test_a_masked_recipient_stays_recognisable(folder: Path, dumps: Path, load_people: Load) -> None:
    masked = ["***@gmail.com", "j***@gmail.com", "***", "0" * 64 + "@gmail.com"]
    write_dump(dumps / "a", as_lines([change(read_fixture("send"), "mail.destination", masked)]))
    load_people()
    with Warehouse(folder, read_only=True) as lake:
        rows = lake.rows("select recipient, recipient_domain from raw.events order by recipient_index")
    assert [row["recipient"] for row in rows] == [PEOPLE.address(one) for one in masked]
    assert [row["recipient_domain"] for row in rows] == ["gmail.com", "gmail.com", None, "gmail.com"]
    assert [row["recipient"] for row in rows][::2] == ["***@gmail.com", "***"]


def test_a_warehouse_is_of_one_kind_and_one_key(folder: Path, dumps: Path, load_people: Load, tmp_path: Path) -> None:
    write_dump(dumps / "a", as_lines(all_types()))
    load_people()
    before = dump_tables(folder)
    with pytest.raises(UsageError, match="holds pseudonyms: set `pseudonymise = true` and MAILGAUGE_PSEUDONYM_KEY"):
        load_people(None)
    with pytest.raises(UsageError, match="MAILGAUGE_PSEUDONYM_KEY is not the key that made"):
        load_people(Pseudonyms("another key of 16 bytes"))
    assert dump_tables(folder) == before
    assert load_people().objects == 0
    with Warehouse(tmp_path / "plain") as lake:
        ingest(lake, list_objects([str(dumps)]), now=NOW)
        with pytest.raises(UsageError, match="holds plain addresses already"):
            ingest(lake, list_objects([str(dumps)]), now=NOW, pseudonyms=PEOPLE)


def test_without_a_key_nothing_is_read(tmp_path: Path) -> None:
    settings = Settings(warehouse=tmp_path / "none", pseudonymise=True)
    with pytest.raises(UsageError, match="`pseudonymise` needs a key: set MAILGAUGE_PSEUDONYM_KEY"):
        steps.ingest(settings, [str(tmp_path / "no such folder")])
    assert not (tmp_path / "none").exists()


def test_a_person_is_found_by_their_address_with_the_key_alone(folder: Path, dumps: Path, load_people: Load) -> None:
    write_dump(dumps / "a", as_lines([change(read_fixture("send"), "mail.destination", ["zoe@x.example"])]))
    load_people()
    name = PEOPLE.address("zoe@x.example")
    without, with_key = Settings(warehouse=folder), Settings(warehouse=folder, pseudonym_key=SecretStr(KEY))
    wrong = Settings(warehouse=folder, pseudonym_key=SecretStr("another key of 16 bytes"))
    with Warehouse(folder, read_only=True) as lake:
        assert name_in(lake, with_key, " Zoe@X.example") == name
        assert name_in(lake, without, name) == name
        assert name_in(lake, without, "0100-message") == "0100-message"
        assert len(read_trace(lake, name_in(lake, with_key, "Zoe <ZOE@x.example>")).events) == 1
        with pytest.raises(UsageError, match="set MAILGAUGE_PSEUDONYM_KEY to find a person by their address"):
            name_in(lake, without, "zoe@x.example")
        with pytest.raises(UsageError, match="is not the key that made"):
            name_in(lake, wrong, "zoe@x.example")


def test_trace_at_the_command_line(folder: Path, dumps: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_dump(dumps / "a", as_lines([change(read_fixture("send"), "mail.destination", ["zoe@x.example"])]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILGAUGE_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("MAILGAUGE_PSEUDONYMISE", "true")
    command = [str(Path(sys.executable).with_name("mailgauge")), "--warehouse", str(folder)]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)

    assert run("ingest", str(dumps)).returncode == 0
    assert PEOPLE.address("zoe@x.example") in run("trace", "Zoe@x.example").stdout
    monkeypatch.delenv("MAILGAUGE_PSEUDONYM_KEY")
    done = run("trace", "zoe@x.example")
    assert (done.returncode, "set MAILGAUGE_PSEUDONYM_KEY to find" in done.stderr) == (2, True)
    done = run("ingest", str(dumps))
    assert (done.returncode, "`openssl rand -hex 32`" in done.stderr) == (2, True)


def test_a_person_under_a_pseudonym_is_forgotten_with_the_key_alone(
    folder: Path, dumps: Path, load_people: Load
) -> None:
    sends = [
        change(read_fixture("send"), "mail.destination", [name]) for name in ("zoe@x.example", "quentin@x.example")
    ]
    write_dump(dumps / "a", as_lines([change(one, "mail.messageId", f"m{place}") for place, one in enumerate(sends)]))
    load_people()
    with pytest.raises(UsageError, match="set MAILGAUGE_PSEUDONYM_KEY to find a person by their address"):
        steps.forget(Settings(warehouse=folder), "zoe@x.example")
    done = steps.forget(Settings(warehouse=folder, pseudonym_key=SecretStr(KEY)), "Zoe@x.example")
    assert (done.event_rows, done.messages) == (1, 1)
    with Warehouse(folder, read_only=True) as lake:
        for relation in ("raw.events", "marts.outcomes"):
            assert lake.rows(f"select distinct recipient from {relation}") == [
                {"recipient": PEOPLE.address("quentin@x.example")}
            ]
