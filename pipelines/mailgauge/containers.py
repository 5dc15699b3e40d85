"""What an object is packed in, told by its content, and what it holds, unpacked in pieces of bounded size."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Protocol

import cramjam
from backports import zstd
from isal import igzip_lib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

CHUNK_BYTES = 1 << 18
"""No piece of unpacked content is longer."""
HEAD_BYTES = 512
"""How much of an object's beginning is enough to name what it is packed in."""

_PACKED_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 25
"""A longer block of Snappy is taken as broken: Hadoop writes 256 KB."""
_WINDOW_BYTES = 1 << 27
"""How much of what came before zstd and xz may look back on: zstd's own limit."""
_DEPTH = 2
"""A gzip in a zip is unpacked, a third packing around both is not."""

_MAGIC = {
    "gzip": (b"\x1f\x8b",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"),
    "zstd": (b"\x28\xb5\x2f\xfd",),
    "bzip2": tuple(b"BZh%d%b" % (size, block) for size in range(1, 10) for block in (b"1AY&SY", b"\x17rE8P\x90")),
    "xz": (b"\xfd7zXZ\0",),
    "snappy_framed": (b"\xff\x06\x00\x00sNaPpY",),
    "snappy_java": (b"\x82SNAPPY\0",),
    "parquet": (b"PAR1", b"PARE"),
    "orc": (b"ORC",),
    "avro": (b"Obj\x01",),
    "lz4": (b"\x04\x22\x4d\x18",),
    "7z": (b"7z\xbc\xaf\x27\x1c",),
}
_ZSTD_SKIPPED = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
"""A frame without content, which may come first."""
_TITLES = {
    "zip": "a zip archive",
    "parquet": "a Parquet file",
    "orc": "an ORC file",
    "avro": "an Avro file",
    "lz4": "LZ4-compressed",
    "7z": "a 7z archive",
    "tar": "a tar archive",
}


class TornError(Exception):
    """An object cannot be read to its end; the message says why, as the end of a sentence."""


def name_container(head: bytes) -> str:
    """What the object that begins with `head`, its first HEAD_BYTES or all of it, is packed in; "plain" where nothing.

    An object cut off within its first bytes is named by what is left of them.
    """
    for name, magics in _MAGIC.items():
        if head.startswith(magics) or (head and any(magic.startswith(head) for magic in magics)):
            return name
    if head[257:262] == b"ustar":
        return "tar"
    if _ZSTD_SKIPPED.match(head):
        return "zstd"
    return "snappy_hadoop" if _begins_hadoop_block(head) else "plain"


def read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """The content of an open object from its start, unpacked, in pieces of at most CHUNK_BYTES.

    Raises TornError where it is cut off or broken, which may be known only after most pieces are out. What is packed in
    nothing or in Snappy, which has no end mark, does not tell of a cut between two lines or blocks: compare its size.
    """
    try:
        file.seek(0)
        head = file.read(HEAD_BYTES)
        file.seek(0)
        kind = name_container(head)
        if kind == "zip":
            yield from _unzip(file)
        else:
            size = CHUNK_BYTES if kind == "plain" else _PACKED_BYTES
            yield from _unwrap(iter(lambda: file.read(size), b""), _DEPTH)
    except OSError as error:
        raise TornError(f"it cannot be read: {error.strerror or error}") from None


def _begins_hadoop_block(head: bytes) -> bool:
    """Whether `head` can begin a block as Hadoop writes Snappy: two lengths, then raw Snappy, which opens with text.

    A length below 64 MB begins with a byte that no text has.
    """
    if len(head) < 10:  # noqa: PLR2004 (two lengths, and the shortest block)
        return head[:1] == b"\0"  # Hadoop's empty file, or what was cut off
    unpacked, packed = struct.unpack(">II", head[:8])
    found = re.match(rb"([\x80-\xff]{0,3}[\0-\x7f])(.)", head[8:], re.DOTALL)
    if found is None or not 0 < unpacked <= _BLOCK_BYTES or not len(found[1]) < packed <= _limit_packed(unpacked):
        return False
    length = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(found[1]))
    return 0 < length <= unpacked and found[2][0] & 3 == 0


def _limit_packed(unpacked: int) -> int:
    return 32 + unpacked + unpacked // 6


def _unwrap(packed: Iterator[bytes], depth: int) -> Iterator[bytes]:
    """What `packed` holds, out of at most `depth` packings."""
    head = b""
    for piece in packed:
        head += piece
        if len(head) >= HEAD_BYTES:
            break
    kind = name_container(head)
    whole = chain([head] if head else [], packed)
    if kind == "plain":
        yield from whole
    elif kind not in _UNPACKERS:
        where = " inside another packing" if depth < _DEPTH else ""
        title = _TITLES[kind]
        raise TornError(f"it is {title}{where}, which this version does not read: unpack it first")
    elif depth == 0:
        raise TornError("it is packed more than twice over: unpack it first")
    else:
        yield from _unwrap(_UNPACKERS[kind](whole), depth - 1)


def _unzip(file: BinaryIO) -> Iterator[bytes]:
    """The members of a zip archive one after the other, each beginning on a line of its own."""
    last = b"\n"
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not _is_wanted(member):
                    continue
                with archive.open(member) as content:
                    chunks = _unwrap(iter(lambda: content.read(CHUNK_BYTES), b""), _DEPTH - 1)
                    for place, chunk in enumerate(chunks):
                        if place == 0 and last != b"\n":
                            yield b"\n"
                        yield chunk
                        last = chunk[-1:]
    except (*_BROKEN_ZIP, OSError) as error:
        cause = error.__context__ if isinstance(error.__context__, OSError) else error  # what zipfile makes less of
        if isinstance(cause, OSError) and cause.errno:
            raise cause from None
        raise TornError(_explain_zip(str(error))) from None


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    """Left out, as in a folder: names that begin with "." or "_", among them what macOS adds."""
    if member.flag_bits & 1:
        raise TornError("its zip archive is encrypted: decrypt it first")
    if member.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_BZIP2,
        zipfile.ZIP_LZMA,
    ):
        raise TornError(f"its zip archive is packed by method {member.compress_type}, which this version does not read")
    return not member.is_dir() and not any(part.startswith((".", "_")) for part in member.filename.split("/"))


def _explain_zip(error: str) -> str:
    if "not a zip file" in error:  # the table of its members stands at its end
        return "its zip archive is cut off before the end"
    if "CRC" in error:
        return "its zip archive is broken: checksum differs"
    return f"its zip archive is broken: {error or 'a member is cut off'}"


class _Stream(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Codec:
    """A packing whose members may follow each other in one file."""

    title: str
    open: Callable[[], _Stream]

    def unpack(self, packed: Iterator[bytes]) -> Iterator[bytes]:
        """The content of all members, no piece longer than CHUNK_BYTES."""
        stream: _Stream | None = None
        for piece in packed:
            data = piece if stream else piece.lstrip(b"\0")  # some tools fill up with zeros behind a member
            while data or (stream and not stream.needs_input):
                stream = stream or self.open()
                if out := self._step(stream, data):
                    yield out
                data = b""
                if stream.eof:
                    data, stream = stream.unused_data.lstrip(b"\0"), None
        if stream:
            raise TornError(f"its {self.title} data is cut off before the end")

    def _step(self, stream: _Stream, data: bytes) -> bytes:
        try:
            return stream.decompress(data, CHUNK_BYTES)
        except _BROKEN as error:
            raise TornError(f"its {self.title} data is broken: {error}") from None


_BROKEN: tuple[type[Exception], ...] = (
    igzip_lib.IsalError,  # type: ignore[assignment] # its stub forgets that it is an exception
    zstd.ZstdError,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
)
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
)


class _Reader(io.RawIOBase):
    """Pieces as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        room = memoryview(buffer).cast("B")
        size = min(len(room), len(self._rest))
        room[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


class _SnappyReader:
    """Snappy's lengths and blocks."""

    def __init__(self, packed: Iterator[bytes]) -> None:
        self._file = io.BufferedReader(_Reader(packed), CHUNK_BYTES)

    def take(self, count: int) -> bytes:
        """The next `count` bytes, which have to be there."""
        data = self._file.read(count)
        if len(data) < count:
            raise TornError("its Snappy data is cut off before the end")
        return data

    def take_word(self) -> bytes:
        """The next four bytes, or none at the end."""
        return self.take(4) if self._file.peek(1) else b""

    def take_block(self, packed: int, limit: int) -> bytes:
        """A raw block of `packed` bytes, unpacked, which may be of `limit` bytes at most."""
        if packed > _limit_packed(limit):
            raise TornError("its Snappy data is broken: a block is too long")
        block = self.take(packed)
        try:
            if cramjam.snappy.decompress_raw_len(block) > limit:
                raise TornError("its Snappy data is broken: a block is too long")
            return bytes(cramjam.snappy.decompress_raw(block))
        except cramjam.DecompressionError as error:
            raise TornError(f"its Snappy data is broken: {error}") from None


def _unpack_snappy_framed(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Snappy's own framing: a type, a length of three bytes, the checksum and a block of at most 64 KB."""
    reader = _SnappyReader(packed)
    frames: list[bytes] = []
    while header := reader.take_word():
        kind, body = header[0], reader.take(int.from_bytes(header[1:], "little"))
        if kind in (0, 1):
            frames += header, body
        elif kind < 0x80:  # noqa: PLR2004 (the reserved ones that may not be skipped)
            raise TornError(f"its Snappy data is broken: it has a frame of unknown type {kind}")
        elif kind == 0xFF and body != b"sNaPpY":  # noqa: PLR2004 (the beginning of a stream)
            raise TornError("its Snappy data is broken: its beginning is wrong")
        if len(frames) == 2 * CHUNK_BYTES >> 16:
            yield _unpack_frames(frames)
            frames = []
    if frames:
        yield _unpack_frames(frames)


def _unpack_frames(frames: list[bytes]) -> bytes:
    try:
        return bytes(cramjam.snappy.decompress(b"".join([*_MAGIC["snappy_framed"], *frames])))
    except cramjam.DecompressionError as error:
        reason = "checksum differs" if "checksum" in str(error).lower() else str(error)
        raise TornError(f"its Snappy data is broken: {reason}") from None


def _unpack_snappy_hadoop(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Hadoop's Snappy: the length of a block, then as many packed parts, each after its length, as make that up."""
    reader = _SnappyReader(packed)
    while word := reader.take_word():
        missing = int.from_bytes(word, "big")
        if missing > _BLOCK_BYTES:
            raise TornError("its Snappy data is broken: a block is too long")
        while missing:
            block = reader.take_block(int.from_bytes(reader.take(4), "big"), missing)
            yield from _slice(block)
            missing -= len(block)


def _unpack_snappy_java(packed: Iterator[bytes]) -> Iterator[bytes]:
    """snappy-java's own: a head of 16 bytes, then packed blocks, each after its length."""
    reader = _SnappyReader(packed)
    while word := reader.take_word():
        if word == _MAGIC["snappy_java"][0][:4]:  # streams in a row each have their head
            reader.take(12)
        else:
            yield from _slice(reader.take_block(int.from_bytes(word, "big"), _BLOCK_BYTES))


def _slice(block: bytes) -> Iterator[bytes]:
    for start in range(0, len(block), CHUNK_BYTES):
        yield block[start : start + CHUNK_BYTES]


def _open_gzip() -> _Stream:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


def _open_zstd() -> _Stream:
    limit = _WINDOW_BYTES.bit_length() - 1
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: limit})


def _open_xz() -> _Stream:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2 * _WINDOW_BYTES)


_UNPACKERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "gzip": _Codec("gzip", _open_gzip).unpack,
    "zstd": _Codec("zstd", _open_zstd).unpack,
    "bzip2": _Codec("bzip2", bz2.BZ2Decompressor).unpack,
    "xz": _Codec("xz", _open_xz).unpack,
    "snappy_framed": _unpack_snappy_framed,
    "snappy_hadoop": _unpack_snappy_hadoop,
    "snappy_java": _unpack_snappy_java,
}
