from __future__ import annotations

import base64
import gzip
import io
import random
import tracemalloc
import zipfile
import zlib
from typing import Any

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from containers.packings import CHECKED, PACKINGS, STREAMS, pack_snappy_framed, pack_snappy_hadoop, pack_zip
from mailgauge.containers import CHUNK_BYTES, HEAD_BYTES, TornError, name_container, read_chunks
from mailgauge.records import UnreadableError, read_failed

LINE = b'{"eventType":"Send","mail":{"messageId":"1","subject":"\xc3\xa4"},"send":{}}\n'
SMALL = LINE + b'{"eventType":"Delivery"}\n'
_RANDOM = random.Random(5)
LARGE = b"".join(b'{"n":%d}\n' % _RANDOM.getrandbits(64) for _ in range(60_000))

packings = pytest.mark.parametrize("packing", PACKINGS)


def unpack(data: bytes) -> bytes:
    return b"".join(read_chunks(io.BytesIO(data)))


@packings
@pytest.mark.parametrize("data", [b"", b"\n", LINE, LARGE, b"x" * 20_000_000 + b"\n", _RANDOM.randbytes(700_000)])
def test_content_comes_out_as_it_went_in_whatever_packs_it(packing: str, data: bytes) -> None:
    packed = PACKINGS[packing](data)
    assert name_container(packed[:HEAD_BYTES]) == packing
    chunks = list(read_chunks(io.BytesIO(packed)))
    assert b"".join(chunks) == data
    assert max(map(len, chunks), default=0) <= CHUNK_BYTES


@pytest.mark.parametrize(
    "data", [b"", b"{}", LINE, LARGE, b"plain words", b"\xef\xbb\xbf{}", b"[1]", b"\n\n{}", b"\3\0"]
)
def test_what_is_packed_in_nothing_comes_out_as_it_is(data: bytes) -> None:
    assert name_container(data[:HEAD_BYTES]) == "plain"
    assert unpack(data) == data


def test_a_file_is_read_from_its_start_wherever_it_stands() -> None:
    file = io.BytesIO(gzip.compress(LINE))
    file.seek(7)
    assert b"".join(read_chunks(file)) == LINE


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\r\t")), st.sampled_from('{["\n '))
def test_text_is_never_taken_for_packed(text: str, first: str) -> None:
    assert name_container((first + text).encode()[:HEAD_BYTES]) == "plain"


@pytest.mark.parametrize("packing", STREAMS)
def test_several_members_in_a_row_are_one_file(packing: str) -> None:
    pack = PACKINGS[packing]
    assert unpack(pack(LINE) + pack(LARGE) + pack(b"") + pack(LINE)) == LINE + LARGE + LINE


@pytest.mark.parametrize("packing", ["gzip", "zstd", "bzip2", "xz"])
def test_zeros_behind_the_last_member_are_not_content(packing: str) -> None:
    assert unpack(PACKINGS[packing](LINE) + bytes(300_000)) == LINE


def test_frames_that_zstd_and_snappy_skip_are_not_content() -> None:
    skipped = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"
    assert unpack(skipped + zstd.compress(LINE) + skipped) == LINE
    assert unpack(pack_snappy_framed(LINE) + b"\xfe\x03\0\0pad" + b"\x80\x01\0\0x") == LINE


def test_members_of_a_zip_follow_each_other_on_lines_of_their_own() -> None:
    assert unpack(pack_zip(b"{}", b"", LINE, gzip.compress(b"[]"), b"{}")) == b"{}\n" + LINE + b"[]\n{}"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_is_read_whatever_method_packs_its_members(method: int) -> None:
    assert unpack(pack_zip(LARGE, LINE, method=method)) == LARGE + LINE


def test_folders_and_hidden_members_of_a_zip_are_left_out() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.mkdir("2026")
        archive.writestr("2026/a.json", LINE)
        archive.writestr("__MACOSX/2026/._a.json", b"\0\5\x16\7")
        archive.writestr(".DS_Store", b"\0")
    assert unpack(file.getvalue()) == LINE


@pytest.mark.parametrize("inner", STREAMS)
@packings
def test_one_packing_inside_another_is_unpacked_too(packing: str, inner: str) -> None:
    assert unpack(PACKINGS[packing](PACKINGS[inner](LARGE))) == LARGE


@packings
def test_a_third_packing_is_refused(packing: str) -> None:
    with pytest.raises(TornError, match="packed more than twice over"):
        unpack(PACKINGS[packing](gzip.compress(gzip.compress(LINE))))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"PAR1", "a Parquet file"),
        (b"ORC", "an ORC file"),
        (b"Obj\x01", "an Avro file"),
        (b"\x04\x22\x4d\x18", "LZ4-compressed"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"a.json".ljust(257, b"\0") + b"ustar", "a tar archive"),
    ],
)
def test_what_cannot_be_read_by_chunks_is_named(head: bytes, words: str) -> None:
    data = head + bytes(600)
    with pytest.raises(TornError, match=f"^it is {words}, which this version does not read: unpack it first$"):
        unpack(data)
    with pytest.raises(TornError, match=f"^it is {words} inside another packing"):
        unpack(gzip.compress(data))


def test_a_zip_inside_a_gzip_is_refused() -> None:
    with pytest.raises(TornError, match="a zip archive inside another packing"):
        unpack(gzip.compress(pack_zip(LINE)))


@packings
def test_what_is_cut_off_anywhere_says_so(packing: str) -> None:
    packed = PACKINGS[packing](SMALL)
    between_blocks = {"snappy_framed": [10], "snappy_java": [16]}.get(packing, [])
    for length in set(range(1, len(packed))) - set(between_blocks):
        with pytest.raises(TornError, match=r"(data|archive) is cut off before the end$"):
            unpack(packed[:length])


@packings
def test_what_is_cut_off_late_gives_its_beginning_first(packing: str) -> None:
    chunks = read_chunks(io.BytesIO(PACKINGS[packing](LARGE)[:-30]))
    out = b""
    with pytest.raises(TornError, match="cut off"):  # noqa: PT012 (what comes before is wanted)
        for chunk in chunks:
            out += chunk
    assert LARGE.startswith(out)
    assert out or packing in ("zip", "bzip2", "xz")


@packings
@given(st.data())
def test_a_flipped_bit_is_told_and_never_crashes(packing: str, data: st.DataObject) -> None:
    packed = bytearray(PACKINGS[packing](SMALL))
    place = data.draw(st.integers(0, len(packed) * 8 - 1))
    packed[place // 8] ^= 1 << place % 8
    try:
        out = unpack(bytes(packed))
    except TornError:
        return
    # What the name or the time in a header says is in no checksum, and a magic with a flipped bit is none.
    untouched = packed if packing == "zip" else b""
    assert packing not in CHECKED or out in (SMALL, bytes(packed), b"", untouched)


def is_unpacked_or_told(data: bytes) -> bool:
    try:
        return isinstance(unpack(data), bytes)
    except TornError as error:
        return str(error).startswith(("its ", "it is "))


@given(st.binary(max_size=2000), st.sampled_from(sorted(PACKINGS)), st.integers(0, 40))
def test_random_bytes_behind_any_beginning_never_crash(noise: bytes, packing: str, kept: int) -> None:
    for data in (noise, PACKINGS[packing](SMALL)[:kept] + noise, PACKINGS[packing](noise)):
        assert is_unpacked_or_told(data)


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (gzip.compress(SMALL, mtime=0)[:-8] + bytes(8), "gzip data is broken"),
        (pack_snappy_framed(SMALL).replace(b"eventType", b"eventtype"), "Snappy data is broken: checksum differs"),
        (
            pack_zip(SMALL, method=zipfile.ZIP_STORED).replace(b"Send", b"send"),
            "zip archive is broken: checksum differs",
        ),
        (b"\xff\x06\x00\x00sNaPpY\x02\x00\x00\x00", "frame of unknown type 2"),
        (b"\xff\x06\x00\x00sNaPpY\xff\x03\x00\x00abc", "its beginning is wrong"),
        (pack_snappy_hadoop(SMALL) + b"\x7f\xff\xff\xff", "a block is too long"),
        (pack_snappy_hadoop(SMALL) + b"\0\0\0\5\x7f\xff\xff\xff", "a block is too long"),
        (b"\x82SNAPPY\0\0\0\0\1\0\0\0\1\x7f\xff\xff\xff", "a block is too long"),
        (b"\x82SNAPPY\0\0\0\0\1\0\0\0\1\0\0\0\5\xff\xff\xff\xff\x0f", "a block is too long"),
    ],
)
def test_what_is_broken_says_how(packed: bytes, words: str) -> None:
    with pytest.raises(TornError, match=words):
        unpack(packed)


def test_an_encrypted_zip_and_an_unknown_method_say_so() -> None:
    packed = bytearray(pack_zip(SMALL))
    table = packed.rindex(b"PK\1\2")
    packed[table + 8] |= 1
    with pytest.raises(TornError, match="its zip archive is encrypted: decrypt it first"):
        unpack(bytes(packed))
    packed[table + 8] ^= 1
    packed[table + 10] = 9
    with pytest.raises(TornError, match="packed by method 9, which this version does not read"):
        unpack(bytes(packed))


def gzip_zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize("packing", ["gzip", "zip", "zstd", "bzip2", "xz", "snappy_framed"])
def test_a_bomb_comes_out_in_small_pieces_and_takes_little_memory(packing: str) -> None:
    bomb = PACKINGS[packing](gzip_zeros(300))
    total = 0
    tracemalloc.start()
    try:
        for chunk in read_chunks(io.BytesIO(bomb)):
            assert len(chunk) <= CHUNK_BYTES
            total += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 300_000_000
    assert peak < 16_000_000


def test_ten_thousand_empty_members_take_no_time_to_speak_of() -> None:
    assert unpack(gzip.compress(b"") * 10_000 + gzip.compress(LINE)) == LINE


def test_a_window_of_a_gigabyte_is_refused() -> None:
    header = b"\x28\xb5\x2f\xfd\x00" + bytes([20 << 3])  # no content size, a window of 2 to the 30th
    with pytest.raises(TornError, match="its zstd data is broken"):
        unpack(header + b"\x01\x00\x00" + bytes(100))


class Failing(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(size)

    def seek(self, place: int, whence: int = 0, /) -> int:
        return super().seek(place, whence)


@packings
def test_a_disk_that_fails_is_told(packing: str) -> None:
    with pytest.raises(TornError, match="it cannot be read: Input/output error"):
        list(read_chunks(Failing(PACKINGS[packing](LARGE))))


DATA = base64.b64encode(LINE).decode()


@pytest.mark.parametrize(
    "record",
    [
        {"attemptsMade": 4, "errorCode": "Lambda.FunctionError", "rawData": DATA, "lambdaArn": "arn"},
        {"attemptsMade": 1, "ErrorCode": "DataFormatConversion.InvalidSchema", "rawData": DATA},
    ],
)
def test_a_failed_delivery_gives_back_its_record(record: dict[str, Any]) -> None:
    assert read_failed(record) == LINE


@pytest.mark.parametrize("data", ["%%%", "abc", "ä", "YQ==YQ"])
def test_a_failed_delivery_that_is_no_base64_says_so(data: str) -> None:
    with pytest.raises(UnreadableError, match=r"the rawData of this failed Firehose delivery \(X\) is not base64"):
        read_failed({"ErrorCode": "X", "rawData": data})


def test_a_failed_delivery_without_its_record_says_so() -> None:
    with pytest.raises(UnreadableError, match=r"\(no error code\) that lacks its rawData"):
        read_failed({"rawData": None})
