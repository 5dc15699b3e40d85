"""What the headers of a Send say of unsubscribing and of the sender's own signatures; people are not in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from documents import as_lines, change, read_fixture, write_dump
from mailgauge.ingest import Ingested
from mailgauge.marts import build_marts
from mailgauge.warehouse import Warehouse
from moments import NOW

Load = Callable[..., Ingested]

ONE_CLICK = {"name": "List-Unsubscribe-Post", "value": "List-Unsubscribe=One-Click"}
FORMS: dict[str, tuple[Any, str | None]] = {
    "none": ([{"name": "From", "value": "a@shop.example"}], "none"),
    "no headers at all": (..., None),
    "an empty list": ([], "none"),
    "a link alone": ([{"name": "List-Unsubscribe", "value": "<https://shop.example/leave/7>"}], "https"),
    "mail alone": ([{"name": "List-Unsubscribe", "value": "<mailto:leave@shop.example>"}], "mailto"),
    "one click": ([{"name": "List-Unsubscribe", "value": "<mailto:l@shop.example>, <https://x.example/7>"}, ONE_CLICK],
                  "one-click"),
    "in other letters": ([{"name": "LIST-unsubscribe", "value": "<HTTPS://X.EXAMPLE/7>"},
                          {"name": "list-Unsubscribe-POST", "value": " list-unsubscribe=one-click "}], "one-click"),
    "one click without a link": ([{"name": "List-Unsubscribe", "value": "<mailto:l@shop.example>"}, ONE_CLICK],
                                 "mailto"),
    "another word": ([{"name": "List-Unsubscribe", "value": "<https://x.example/7>"},
                      {"name": "List-Unsubscribe-Post", "value": "yes"}], "https"),
    "one click, said twice": ([{"name": "List-Unsubscribe", "value": "<https://x.example/7>"}, ONE_CLICK, ONE_CLICK],
                              "one-click"),
    "two words": ([{"name": "List-Unsubscribe", "value": "<https://x.example/7>"}, ONE_CLICK,
                   {"name": "List-Unsubscribe-Post", "value": "yes"}], "https"),
    "an empty value": ([{"name": "List-Unsubscribe", "value": ""}], "other"),
    "an address nobody may call": ([{"name": "List-Unsubscribe", "value": "<http://shop.example/7>"}], "other"),
    "text for a list": ("none of your business", None),
    "a name without a value": ([{"name": "List-Unsubscribe"}], "other"),
    "numbers": ([{"name": 1, "value": 2}], "none"),
}  # fmt: skip


def with_headers(headers: Any, **more: Any) -> dict[str, Any]:
    send = change(read_fixture("send"), "mail.headers", headers)
    for name, value in more.items():
        send = change(send, f"mail.{name}", value)
    return send


def read_events(folder: Path) -> list[dict[str, Any]]:
    with Warehouse(folder, read_only=True) as lake:
        return lake.rows("select message_id, unsubscribe_header, dkim_keys from raw.events order by message_id")


@pytest.mark.parametrize("wrapped", [False, True])
def test_how_a_person_can_leave(wrapped: bool, dumps: Path, folder: Path, load: Load) -> None:
    sends = [with_headers(headers, messageId=name) for name, (headers, _) in FORMS.items()]
    if wrapped:
        sends = [{"Type": "Notification", "Message": json.dumps(send)} for send in sends]
    write_dump(dumps / "object", as_lines(sends))
    done = load()
    assert (done.loaded, done.quarantined) == (len(FORMS), 0)
    found = {row["message_id"]: row["unsubscribe_header"] for row in read_events(folder)}
    assert found == {name: expected for name, (_, expected) in FORMS.items()}


def test_what_was_cut_off_may_have_held_it(dumps: Path, folder: Path, load: Load) -> None:
    plain, leaving = FORMS["none"][0], FORMS["one click"][0]
    sends = [
        with_headers(plain, headersTruncated=True, messageId="a"),
        with_headers(leaving, headersTruncated=True, messageId="b"),
    ]
    write_dump(dumps / "object", as_lines(sends))
    load()
    assert [row["unsubscribe_header"] for row in read_events(folder)] == [None, "one-click"]


def test_the_keys_of_signatures(dumps: Path, folder: Path, load: Load) -> None:
    def sign(value: str) -> dict[str, str]:
        return {"name": "DKIM-Signature", "value": value}

    sends = [
        with_headers([sign("v=1; a=rsa-sha256; d=Shop.example; s=k1; bh=s=x; b=d=evil")], messageId="a"),
        with_headers([sign("v=1;\r\n\ts=k2;\r\n\td=b.example;"), sign("s=k1;d=a.example")], messageId="b"),
        with_headers([sign("v=1; d=shop.example"), sign("s=<script>; d=shop.example")], messageId="c"),
    ]
    write_dump(dumps / "object", as_lines(sends))
    load()
    assert [row["dkim_keys"] for row in read_events(folder)] == [
        "k1._domainkey.shop.example",
        "k1._domainkey.a.example k2._domainkey.b.example",
        None,
    ]


def test_an_outcome_tells_how_its_person_can_leave(dumps: Path, folder: Path, load: Load) -> None:
    delivery = change(read_fixture("delivery"), "mail.headers", [])
    write_dump(dumps / "object", as_lines([with_headers(FORMS["one click"][0]), delivery]))
    load()
    with Warehouse(folder) as lake:
        build_marts(lake, now=NOW)
        rows = lake.rows("select unsubscribe_header, delivered_at is not null as is_there from marts.outcomes")
    assert rows == [{"unsubscribe_header": "one-click", "is_there": True}]
