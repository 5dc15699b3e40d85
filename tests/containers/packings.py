"""Each packing that an object may come in, made from bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable

import cramjam
from backports import zstd


def pack_zip(*members: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"{number}.json", member)
    return file.getvalue()


def pack_snappy_framed(data: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(data)) or b"\xff\x06\x00\x00sNaPpY"


def pack_snappy_hadoop(data: bytes, block: int = 1 << 18, part: int = 1 << 18) -> bytes:
    """Blocks of one part each, or of several where a part is smaller."""
    out = [b"" if data else bytes(4)]
    for start in range(0, len(data), block):
        whole = data[start : start + block]
        out.append(len(whole).to_bytes(4, "big"))
        for place in range(0, len(whole), part):
            packed = bytes(cramjam.snappy.compress_raw(whole[place : place + part]))
            out.append(len(packed).to_bytes(4, "big") + packed)
    return b"".join(out)


def pack_snappy_java(data: bytes) -> bytes:
    out = [b"\x82SNAPPY\0\0\0\0\1\0\0\0\1"]
    for start in range(0, len(data), 1 << 15):
        packed = bytes(cramjam.snappy.compress_raw(data[start : start + (1 << 15)]))
        out.append(len(packed).to_bytes(4, "big") + packed)
    return b"".join(out)


def pack_zstd(data: bytes) -> bytes:
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zip": pack_zip,
    "zstd": pack_zstd,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "snappy_framed": pack_snappy_framed,
    "snappy_java": pack_snappy_java,
    "snappy_hadoop": pack_snappy_hadoop,
}
STREAMS = [name for name in PACKINGS if name != "zip"]
CHECKED = [name for name in PACKINGS if name not in ("snappy_java", "snappy_hadoop")]
"""Those that carry a checksum."""
