from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyorc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgauge.columnar import read_columnar
from mailgauge.containers import TornError
from mailgauge.spellings import SES, spell_tag

EVENTS = Path(__file__).parents[2] / "data" / "fixtures" / "events"
DOCUMENTS = [json.loads(path.read_bytes()) for path in sorted(EVENTS.glob("[!n]*.json"))]
LEGACY = json.loads((EVENTS.parent / "envelopes" / "legacy-bounce.json").read_bytes())


def write_parquet(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def write_orc(table: pa.Table) -> bytes:
    file = io.BytesIO()
    with pyorc.Writer(file, name_type(pa.struct(list(table.schema))), struct_repr=pyorc.StructRepr.DICT) as writer:
        writer.writerows(table.to_pylist(maps_as_pydicts="strict"))
    return file.getvalue()


def name_type(kind: pa.DataType) -> str:
    """ORC's name of a type."""
    if pa.types.is_struct(kind):
        return f"struct<{','.join(f'`{field.name}`:{name_type(field.type)}' for field in kind)}>"
    if pa.types.is_map(kind):
        return f"map<{name_type(kind.key_type)},{name_type(kind.item_type)}>"
    if pa.types.is_list(kind):
        return f"array<{name_type(kind.value_type)}>"
    names = {pa.bool_(): "boolean", pa.int64(): "bigint", pa.timestamp("us", "UTC"): "timestamp", pa.string(): "string"}
    return names[kind]


WRITERS = pytest.mark.parametrize("write", [write_parquet, write_orc])


def read(data: bytes) -> list[Any]:
    return [json.loads(line) for chunk in read_columnar(io.BytesIO(data)) for line in chunk.splitlines()]


def read_column(array: pa.Array, name: str) -> list[Any]:
    return [row.get(name) for row in read(write_parquet(pa.table({name.lower(): array})))]


def in_hive(value: Any, *, is_tags: bool = False) -> Any:
    """A document in names that Hive knows."""
    if isinstance(value, list):
        return [in_hive(item) for item in value]
    if isinstance(value, dict):
        names = {key: key.replace(":", "_").replace("-", "_") if is_tags else key.lower() for key in value}
        return {names[key]: in_hive(item, is_tags=key == "tags") for key, item in value.items()}
    return value


def without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item not in (None, {})}
    return value


def give_type(kind: pa.DataType) -> pa.DataType:
    """The same type, with text where only nulls were seen."""
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, give_type(field.type)) for field in kind])
    return pa.list_(give_type(kind.value_type)) if pa.types.is_list(kind) else kind


def make_table(documents: list[dict[str, Any]], schema: pa.Schema | None = None) -> pa.Table:
    names = sorted({name for document in documents for name in document} - {"send"})
    table = pa.Table.from_pylist([{name: document.get(name) for name in names} for document in documents], schema)
    return table.cast(pa.schema([(field.name, give_type(field.type)) for field in table.schema]))


EXPECTED = [without_nulls(document) for document in DOCUMENTS]


@WRITERS
def test_structs_come_back_as_ses_sent_them(write: Any) -> None:
    assert read(write(make_table([in_hive(document) for document in DOCUMENTS]))) == EXPECTED


@WRITERS
def test_objects_as_json_text_come_back_as_objects(write: Any) -> None:
    rows = [
        {key.lower(): part if isinstance(part, str) else json.dumps(part) for key, part in document.items()}
        for document in DOCUMENTS
    ]
    assert read(write(make_table(rows))) == EXPECTED
    lower = [
        {key: part if isinstance(part, str) else json.dumps(part) for key, part in in_hive(document).items()}
        for document in DOCUMENTS
    ]
    assert read(write(make_table(lower))) == EXPECTED


@WRITERS
def test_maps_come_back_as_objects(write: Any) -> None:
    text = pa.map_(pa.string(), pa.string())
    table = pa.table(
        {
            "eventtype": ["Bounce", "Click", None],
            "bounce": pa.array(
                [[("bouncedrecipients", '[{"emailaddress":"a@b.c"}]'), ("action", None)], None, []], text
            ),
            "mail": pa.array(
                [{"tags": [("ses:operation", ["x"]), ("Cola", ["1", None])]}, {"tags": None}, None],
                pa.struct([("tags", pa.map_(pa.string(), pa.list_(pa.string())))]),
            ),
        }
    )
    expected: list[dict[str, Any]] = [
        {
            "eventType": "Bounce",
            "bounce": {"bouncedRecipients": [{"emailAddress": "a@b.c"}]},
            "mail": {"tags": {"ses:operation": ["x"], "Cola": ["1"]}},
        },
        {"eventType": "Click"},
        {"bounce": {}},
    ]
    assert read(write(table)) == expected
    assert read(write(table.slice(1))) == expected[1:]


def test_a_table_of_many_batches_and_groups_keeps_every_row_in_order() -> None:
    table = make_table([{"eventtype": "Send", "mail": {"messageid": str(n)} if n % 3 else None} for n in range(5000)])
    for data in (write_parquet(table, row_group_size=700), write_orc(table)):
        chunks = list(read_columnar(io.BytesIO(data)))
        rows = [json.loads(line) for chunk in chunks for line in chunk.splitlines()]
        assert [row.get("mail", {}).get("messageId") for row in rows] == [
            str(n) if n % 3 else None for n in range(5000)
        ]
        assert len(chunks) > 50
        assert all(chunk.endswith(b"\n") for chunk in chunks)


@WRITERS
def test_a_row_of_nulls_is_still_a_record(write: Any) -> None:
    assert read(write(pa.table({"eventtype": pa.array([None, "Send"], pa.string())}))) == [{}, {"eventType": "Send"}]
    assert read(write(pa.table({"eventtype": pa.array([], pa.string())}))) == []


MOMENT = datetime(2026, 7, 27, 11, 51, 10, 600_000, tzinfo=UTC)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "+02:00"])
def test_times_come_out_as_ses_writes_them(unit: str, zone: str | None) -> None:
    moment = MOMENT.astimezone(timezone(timedelta(hours=2))) if zone == "+02:00" else MOMENT
    array = pa.array([moment.replace(microsecond=0) if unit == "s" else moment, None], pa.timestamp(unit, zone))
    expected = "2026-07-27T11:51:10.000Z" if unit == "s" else "2026-07-27T11:51:10.600Z"
    assert read_column(array, "timestamp") == [expected, None]


def test_times_of_old_parquet_and_of_orc_come_out_as_ses_writes_them() -> None:
    old = pa.table({"timestamp": pa.array([MOMENT], pa.timestamp("ns"))})
    new = pa.table({"timestamp": pa.array([MOMENT], pa.timestamp("us", "UTC"))})
    for data in (write_parquet(old, use_deprecated_int96_timestamps=True), write_orc(new)):
        assert read(data) == [{"timestamp": "2026-07-27T11:51:10.600Z"}]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([date(2026, 7, 27)]), "2026-07-27"),
        (pa.array([Decimal("1.50")]), "1.50"),
        (pa.array([b"a\xc3\xa4"], pa.binary()), "aä"),
        (pa.array([b"a\xff"], pa.large_binary()), "a\\xff"),
        (pa.array(["a"], pa.large_string()), "a"),
        (pa.array(["a"]).dictionary_encode(), "a"),
        (pa.array([[1]], pa.large_list(pa.int8())), [1]),
        (pa.array([float("nan")]), None),
        (pa.array([True]), True),
    ],
)
def test_every_type_of_column_comes_out(array: pa.Array, expected: Any) -> None:
    assert read_column(array, "whatever") == [expected]


def test_an_account_as_a_number_keeps_its_leading_zeros() -> None:
    mail = pa.array([{"sendingaccountid": 1122223333}, {"sendingaccountid": 111122223333}])
    got = read_column(mail, "mail")
    assert got == [{"sendingAccountId": "001122223333"}, {"sendingAccountId": "111122223333"}]


def test_text_that_only_looks_like_an_object_stays_text() -> None:
    mail = pa.array([{"commonheaders": {"subject": '{"a":1}', "from": "[A] <a@b.c>"}, "tags": "[1"}])
    expected = {"commonHeaders": {"subject": '{"a":1}', "from": "[A] <a@b.c>"}, "tags": "[1"}
    assert read_column(mail, "mail") == [expected]


def test_tags_as_text_become_lists() -> None:
    mail = pa.array([{"tags": {"ses_operation": "SendEmail", "mine": '["a","b"]', "userAgent": ["x"]}}])
    expected = {"tags": {"ses:operation": ["SendEmail"], "mine": ["a", "b"], "userAgent": ["x"]}}
    assert read_column(mail, "mail") == [expected]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("ses_configuration_set", "ses:configuration-set"),
        ("ses_configurationset", "ses:configuration-set"),
        ("ses:configuration-set", "ses:configuration-set"),
        ("ses_outgoing_tls_version", "ses:outgoing-tls-version"),
        ("ses_new_thing", "ses:new-thing"),
        ("session", "session"),
        ("Campaign", "Campaign"),
        ("messageid", "messageid"),
    ],
)
def test_tags_get_their_colon_back(name: str, tag: str) -> None:
    assert spell_tag(name) == tag


def test_legacy_notifications_come_back_as_sent() -> None:
    assert read(write_parquet(make_table([in_hive(LEGACY)]))) == [without_nulls(LEGACY)]


def test_an_sns_envelope_comes_back_in_its_own_capitals() -> None:
    row = {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": "arn",
        "Message": '{"eventType":"Send"}',
        "Subject": "s",
    }
    row |= {"Timestamp": "t", "SigningCertURL": "u"}
    assert read(write_parquet(pa.Table.from_pylist([{key.lower(): part for key, part in row.items()}]))) == [row]


def test_every_name_is_known_by_one_spelling() -> None:
    assert all(
        lower in (name.lower(), name.lower().replace("-", "_"), name.replace("-", "")) for lower, name in SES.items()
    )
    assert {"headersTruncated", "replyTo", "returnPath", "isBotEvent", "topicDefaultSubscriptionStatus"} < {
        *SES.values()
    }


SMALL = make_table([in_hive(document) for document in DOCUMENTS[:3]])


@pytest.mark.parametrize(("write", "title"), [(write_parquet, "Parquet"), (write_orc, "ORC")])
def test_what_is_cut_off_says_so(write: Any, title: str) -> None:
    data = write(SMALL)
    for length in range(3, len(data) - 1, 7):
        with pytest.raises(TornError, match=f"its {title} data is (cut off before the end|broken: .)"):
            read(data[:length])


def is_read_or_told(data: bytes) -> bool:
    try:
        return all(isinstance(row, dict) for row in read(data))
    except TornError as error:
        return str(error).startswith(("its Parquet data is ", "its ORC data is "))


@WRITERS
@settings(max_examples=300)
@given(data=st.data())
def test_flipped_bits_never_crash(write: Any, data: st.DataObject) -> None:
    packed = bytearray(write(SMALL))
    for place in data.draw(st.lists(st.integers(32, len(packed) * 8 - 1), min_size=1, max_size=4)):
        packed[place // 8] ^= 1 << place % 8
    assert is_read_or_told(bytes(packed))


@given(st.binary(max_size=500), st.sampled_from([(b"PAR1", b"PAR1"), (b"ORC", b"ORC\x10")]))
def test_random_bytes_between_the_magics_never_crash(noise: bytes, magics: tuple[bytes, bytes]) -> None:
    assert is_read_or_told(magics[0] + noise + magics[1])


class Failing(io.BytesIO):
    error: Exception = OSError(5, "Input/output error")

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() < 100 and size != 4:
            raise self.error
        return super().read(size)


@WRITERS
def test_a_disk_that_fails_is_told(write: Any) -> None:
    with pytest.raises(TornError, match="it cannot be read: Input/output error"):
        list(read_columnar(Failing(write(pa.concat_tables([SMALL] * 100)))))


@WRITERS
def test_an_error_of_its_own_passes_through(write: Any) -> None:
    file = Failing(write(SMALL))
    file.error = TornError("it is gone")
    with pytest.raises(TornError, match="it is gone"):
        list(read_columnar(file))
