"""Pseudonyms: HMAC to the letter, the same in SQL as in Python, and nothing of a local part left in any spelling."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgauge.persons import define_macros
from mailgauge.pseudonyms import Pseudonyms, is_pseudonym, local_parts, lower
from mailgauge.warehouse import Warehouse

KEY = "0123456789abcdef0123456789abcdef"
PEOPLE = Pseudonyms(KEY)
JANE = "person-" + hmac.new(KEY.encode(), b"jane@example.com", hashlib.sha256).hexdigest()[:32]

_PIECES = """
    jane bob . @ %40 %2540 \\u0040 &#64; \uff20 example.com x = ? & email= id= % 2 4 0 %2B %3F %3D %25 \\ \\\\ " \\"
    < > : ; , / é İ Σ ς n u00fc \\u00fc \\u003c *** * person- ' # ! { } [ ] [1.2.3.4] - _ + ~ ^ | ` $ 😀 \u017f \u212a
"""
TEXTS = st.lists(st.sampled_from([*_PIECES.split(), " ", "\n", "\u00a0", "\0", "person-" + "a" * 32]), max_size=14).map(
    "".join
)

Ask = Callable[[str, str], str]


@pytest.fixture(scope="module")
def ask(empty_warehouse: Path) -> Iterator[Ask]:
    """Call a macro with a text, in a warehouse that makes pseudonyms."""
    with Warehouse(empty_warehouse, read_only=True) as lake:
        define_macros(lake, PEOPLE)
        yield lambda expression, text: str(lake.value(f"select {expression} from (select $1 as t)", [text]))


@given(
    local=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="@"), min_size=1), domain=st.text("abÄ.-")
)
@settings(max_examples=100)
def test_sql_makes_the_pseudonym_that_python_makes(local: str, domain: str, ask: Ask) -> None:
    address = lower(f"{local}@{domain}")
    name = ask("kept_address(t)", address)
    if not is_pseudonym(address) and "<" not in address and address == address.strip():
        assert name == PEOPLE.address(address)
    assert name == ask("kept_address(kept_address(t))", address)


@pytest.mark.parametrize("length", [1, 63, 64, 65, 200, 5000])
def test_every_length_of_address_and_key_is_hmac(length: int, ask: Ask) -> None:
    address = "a" * length + "@example.com"
    expected = hmac.new(KEY.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]
    assert PEOPLE.address(address) == ask("kept_address(t)", address) == f"person-{expected}@example.com"
    key = "k" * (length + 15)
    inner, outer = Pseudonyms(key).pads
    made = hashlib.sha256(outer + hashlib.sha256(inner + address.encode()).digest()).hexdigest()[:32]
    assert Pseudonyms(key).address(address) == f"person-{made}@example.com"


@given(text=TEXTS)
@settings(max_examples=300)
def test_sql_reads_a_text_as_python_does(text: str, ask: Ask) -> None:
    assert ask("kept_text(t, null)", text) == PEOPLE.text(text)
    assert ask("kept_json(t, null)", text) == PEOPLE.text(text, is_json=True)


@given(text=TEXTS)
@settings(max_examples=100)
def test_json_stays_json(text: str, ask: Ask) -> None:
    document = json.dumps({"a": [text, "jane"], text: ["x\n" + text, "j\u00e4ne@example.com"]})
    for made in (ask("kept_json(t, 'jane')", document), PEOPLE.text(document, ["jane"], is_json=True)):
        assert json.loads(made)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("jane@example.com", f"{JANE}@example.com"),
        (" Jane@Example.COM ", f"{JANE}@example.com"),
        ('"Jane Doe" <jane@example.com>', f"{JANE}@example.com"),
        ("***@example.com", "***@example.com"),
        ("***", "***"),
        ("", ""),
        (f"{JANE}@example.com", f"{JANE}@example.com"),
    ],
)
def test_one_address(written: str, expected: str) -> None:
    assert PEOPLE.address(written) == expected


@pytest.mark.parametrize(
    "masked", ["j***@gmail.com", "5f4dcc3b5aa765d61d8327deb882cf99@gmail.com", "j***", "a@b@gmail.com"]
)
def test_what_is_masked_in_part_or_hashed_is_hashed_like_a_name(masked: str) -> None:
    made = PEOPLE.address(masked)
    assert made.startswith("person-")
    assert made.endswith(masked.rpartition("@")[2]) == ("@" in masked)
    assert PEOPLE.address(made) == made
    assert is_pseudonym(made)


def test_another_domain_or_key_is_another_pseudonym() -> None:
    names = {
        PEOPLE.address("jane@a.example"),
        PEOPLE.address("jane@b.example"),
        Pseudonyms("x" * 16).address("jane@a.example"),
    }
    assert len({name.partition("@")[0] for name in names}) == 3
    assert Pseudonyms(f"{KEY}\n").check == PEOPLE.check != Pseudonyms("x" * 16).check
    assert KEY not in repr(PEOPLE) + PEOPLE.check


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("550 5.1.1 <jane@example.com>: user unknown", f"550 5.1.1 <{JANE}@example.com>: user unknown"),
        ("mailbox jane is full", "mailbox *** is full"),
        ("https://x.example/?email=jane%40example.com&a=1", f"https://x.example/?email={JANE}%40example.com&a=1"),
        ("r=https%3A%2F%2Fx%3Fe%3Djane%2540example.com", f"r=https%3A%2F%2Fx%3Fe%3D{JANE}%2540example.com"),
        ("\\u003cjane\\u0040example.com\\u003e", f"\\u003c{JANE}\\u0040example.com\\u003e"),
        ("mailto:jane@example.com,jane@example.com", f"mailto:{JANE}@example.com,{JANE}@example.com"),
        ("arn:aws:ses:x:1:identity/jane@example.com", f"arn:aws:ses:x:1:identity/{JANE}@example.com"),
        ("to ***@example.com", "to ***@example.com"),
        ("janet and 5 % at 3", "janet and 5 % at 3"),
    ],
)
def test_addresses_in_texts(written: str, expected: str, ask: Ask) -> None:
    assert PEOPLE.text(written, ["jane"]) == expected
    assert ask("kept_text(t, '\\bjane\\b')", written) == expected
    assert PEOPLE.text(expected, ["jane"]) == expected


@pytest.mark.parametrize(
    "written",
    [
        '"zoe zimmer"@example.com',
        '"zoe\\"zimmer"@x.example',
        "bounce+zoe=zimmer.example@x.example",
        "zoe%zimmer@x.example",
        "zoe%2Bzimmer%40x.example",
        "zoe!zimmer@x.example",
        "zoe.zimmer+é@x.example",
        "zo\\u00e9zoe@x.example",
        "zoe&#64;x.example",
        "{zoe@x.example",
        "zoe@[192.0.2.1]",
        "zoe\uff20x.example",
        "%7Azoe%2540x.example",
    ],
)
def test_nothing_is_left_of_a_local_part(written: str) -> None:
    made = PEOPLE.text(f"to {written} it is")
    assert "zo" not in made
    assert "zimmer" not in made.replace("zimmer.example", "")
    assert (made[:3], made[-6:]) == ("to ", " it is")


def test_a_record_loses_addresses_display_names_and_bare_names() -> None:
    record = json.dumps(
        {"headers": [{"name": "To", "value": '"Zimmer, Zoe" <zoe.zimmer@x.example>, Bob Bricks <bob@x.example>'}],
         "bounce": {"diagnosticCode": "smtp; 550 5.1.1 <zoe.zimmer@x.example>: mailbox ZOE.ZIMMER unknown"}}
    )  # fmt: skip
    for broken in (
        record,
        record[:-20],
        json.dumps({"Message": record}),
        json.dumps([{"Message": json.dumps(record)}]),
    ):
        made = PEOPLE.record(broken)
        for name in ("zoe", "zimmer", "bob@", "bricks"):
            assert name not in made.lower(), broken
        assert "smtp; 550 5.1.1" in made


def test_role_names_and_short_ones_are_no_words_to_mask() -> None:
    assert local_parts(["info@x.example", "jo@x.example", "***@x.example", "Anna <ANNA@x.example>", "no address"]) == [
        "anna"
    ]


def test_a_long_text_takes_no_longer_than_its_length_asks() -> None:
    for hostile in ("a" * 3_000_000, "a@" * 1_000_000, '"a' * 300_000, "%" * 1_000_000, "<" * 1_000_000):
        assert PEOPLE.record(hostile).count("person-") <= 1_000_000


@pytest.mark.parametrize(
    "macro", ["kept_address(t)", "kept_sender(t)", "kept_value(t)", "kept_text(t, 'x')", "kept_json(t, 'x')"]
)
def test_nothing_stays_nothing(macro: str, ask: Ask) -> None:
    assert ask(f"{macro.replace('t)', 'null::varchar)').replace('(t,', '(null::varchar,')} is null", "") == "True"
