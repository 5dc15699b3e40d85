"""Events in Parquet and ORC, as Firehose's record format conversion writes them, back in the documents SES sent.

Hive knows names in lower case only, and no colon in them; a column may hold a struct, a map, or an object as JSON text.
"""

from __future__ import annotations

import io
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import orc

from mailgauge.containers import TornError, name_container
from mailgauge.spellings import SES, SNS, STRUCTURED, TAGS, spell_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ROWS = 1024
"""Rows decoded at a time."""
_LINES = 64
"""Rows in a piece that comes out: about 200 KB."""
_ENCODER = msgspec.json.Encoder()
_TAG = "a value of a tag"
_FITTED = STRUCTURED | {_TAG, "sendingAccountId"}
_JSON = re.compile(r"\s*[\[{]")


def read_columnar(file: BinaryIO) -> Iterator[bytes]:
    """The events of an open Parquet or ORC file, one JSON document a line, in SES's own spelling and without nulls.

    A row group is read page by page, a stripe of ORC as a whole. Raises TornError where it is cut off or broken.
    """
    watched = _Watched(file)
    title = "Parquet"
    try:
        watched.seek(0)
        is_orc = name_container(watched.read(4)) == "orc"
        title = "ORC" if is_orc else "Parquet"
        _check_end(watched, title, b"ORC" if is_orc else b"PAR")
        for batch in _read_stripes(watched) if is_orc else _read_groups(watched):
            rows = _list_values(pa.StructArray.from_arrays(batch.columns, fields=list(batch.schema)), "")
            lines = ({} if row is None else row for row in rows)
            while some := list(islice(lines, _LINES)):
                yield _ENCODER.encode_lines(some)
    except (pa.ArrowException, OSError, ValueError, MemoryError, NotImplementedError) as error:
        if isinstance(watched.error, OSError):
            raise TornError(f"it cannot be read: {watched.error.strerror or watched.error}") from None
        if watched.error:
            raise watched.error from None
        raise TornError(f"its {title} data is broken: {str(error).strip().partition(chr(10))[0]}") from None


class _Watched(io.RawIOBase):
    """A file that keeps the error with which it failed, of which the ORC library leaves no more than the text."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: Exception | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, place: int, whence: int = 0, /) -> int:
        return self._file.seek(place, whence)

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except Exception as error:
            self.error = error
            raise


def _check_end(file: _Watched, title: str, magic: bytes) -> None:
    size = file.seek(0, 2)
    file.seek(max(size - 4, 0))
    if size < 12 or not file.read(4).startswith(magic):  # noqa: PLR2004 (both magics, and a length)
        raise TornError(f"its {title} data is cut off before the end")


def _read_groups(file: _Watched) -> Iterator[pa.RecordBatch]:
    parquet = pq.ParquetFile(
        file,
        buffer_size=1 << 20,
        pre_buffer=False,
        coerce_int96_timestamp_unit="ms",
        page_checksum_verification=True,
    )
    yield from parquet.iter_batches(batch_size=_ROWS, use_threads=False)


def _read_stripes(file: _Watched) -> Iterator[pa.RecordBatch]:
    source = orc.ORCFile(file)
    for number in range(source.nstripes):
        stripe = source.read_stripe(number)
        for start in range(0, stripe.num_rows, _ROWS):
            yield stripe.slice(start, _ROWS)


def _list_values(array: pa.Array, key: str) -> list[Any]:
    """The values of `array`, which stands under `key`; "" is the document itself."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _list_values(array.dictionary_decode(), key)
    if pa.types.is_struct(kind):
        return _list_objects(array, key)
    if pa.types.is_map(kind):
        return _list_maps(array, key)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        values = iter(_list_values(array.flatten(), "value" if key == _TAG else key))
        return [
            None if length is None else [value for value in islice(values, length) if value is not None]
            for length in pc.list_value_length(array).to_pylist()
        ]
    leaves = _list_leaves(array)
    if key not in _FITTED:
        return leaves
    return [None if value is None else _fit(value, key) for value in leaves]


def _list_objects(array: pa.StructArray, key: str) -> list[Any]:
    if array.null_count:  # most objects are: an event has one of ten
        some = iter(_list_objects(array.drop_null(), key))
        return [next(some) if is_there else None for is_there in array.is_valid().to_pylist()]
    names = _spell_all([field.name for field in array.type], key)
    if not names:
        return [None] * len(array)
    parts = [_list_values(part, _below(key, name)) for part, name in zip(array.flatten(), names, strict=True)]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None} or None
        for row in zip(*parts, strict=True)
    ]


def _list_maps(array: pa.MapArray, key: str) -> list[Any]:
    entries = array.cast(pa.list_(pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])))
    pairs = entries.flatten()
    names = _spell_all(_list_values(pairs.field("key"), ""), key)
    values = _list_values(pairs.field("value"), _below(key, ""))
    both = iter([(name, _fit(value, _below(key, name))) for name, value in zip(names, values, strict=True)])
    return [
        None if length is None else {name: value for name, value in islice(both, length) if value is not None}
        for length in pc.list_value_length(entries).to_pylist()
    ]


def _list_leaves(array: pa.Array) -> list[Any]:
    kind = array.type
    if pa.types.is_timestamp(kind):
        moment = array.cast(pa.timestamp(kind.unit)).cast(pa.timestamp("ms"), safe=False)  # without its zone it is UTC
        return list(pc.strftime(moment, format="%Y-%m-%dT%H:%M:%SZ").to_pylist())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_string(kind):
        return _list_texts(array)
    if pa.types.is_temporal(kind) or pa.types.is_decimal(kind):
        array = array.cast(pa.string())
    return list(array.to_pylist())


def _list_texts(array: pa.Array) -> list[Any]:
    try:
        return list(array.cast(pa.string()).to_pylist())
    except (pa.ArrowInvalid, UnicodeDecodeError):
        values = array.cast(pa.binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "backslashreplace") for value in values]


def _fit(value: Any, key: str) -> Any:  # noqa: ANN401 (any value of a column)
    """A leaf in the form that SES gives it: an object that stands there as JSON text, a list of one, a whole number."""
    if isinstance(value, str):
        if (key in STRUCTURED or key == _TAG) and _JSON.match(value):
            try:
                return _respell(msgspec.json.decode(value), key)
            except (msgspec.DecodeError, RecursionError):
                pass
        return [value] if key == _TAG else value
    return str(value).zfill(12) if key == "sendingAccountId" and isinstance(value, int) else value


def _respell(value: Any, key: str) -> Any:  # noqa: ANN401 (any JSON value)
    if isinstance(value, list):
        return [_respell(item, key) for item in value]
    if not isinstance(value, dict):
        return value
    names = _spell_all(list(value), key)
    parts = zip(names, value.values(), strict=True)
    return {name: _respell(part, _below(key, name)) for name, part in parts if part is not None}


def _below(key: str, name: str) -> str:
    """Under which key stands what `name` names within `key`."""
    return _TAG if key in TAGS else name


def _spell_all(names: list[str], key: str) -> list[str]:
    """SES's own spelling of the names within `key`, which it may not have given in lower case."""
    if key in TAGS:
        return [spell_tag(name) for name in names]
    known: Mapping[str, str] = SES
    if not key and "topicarn" in {name.lower() for name in names if name}:
        known = SNS
    return [known.get(name.lower(), name) for name in names]
