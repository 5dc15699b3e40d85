"""Reads the logo that a BIMI record names, and says what in it is not SVG Tiny Portable/Secure; pure.

The profile stands in draft-svg-tiny-ps-abrotman. Of what it takes away from SVG Tiny 1.2 this tells what receivers
refuse a logo for: scripts, animation, links, bitmaps and whatever else a picture must not do.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 32 * 1024
"""How large a logo may be, unpacked (BIMI Group, Gmail)."""

_SVG = "http://www.w3.org/2000/svg"
_PACKED = b"\x1f\x8b"

_FORBIDDEN = frozenset(
    {"script", "handler", "listener", "prefetch", "style", "foreignObject"}
    | {"a", "image", "audio", "video", "animation"}
    | {"animate", "animateColor", "animateMotion", "animateTransform", "set", "mpath", "discard"}
)
"""Elements that the profile has not: what acts, moves, links, or shows what is not drawn."""

_LONGEST_TITLE = 65
"""Characters of a title that the draft asks for at most."""


class LogoError(Exception):
    """What was read is no SVG at all; the message says why, in a few words."""


def unpack_logo(raw: bytes) -> bytes:
    """The SVG in a file that may be packed by gzip (SVGZ), no more of it than a byte too many."""
    if not raw.startswith(_PACKED):
        return raw
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, MOST_BYTES + 1)
    except zlib.error:
        raise LogoError("it is packed and cannot be unpacked") from None


def explain_logo(svg: bytes) -> list[str]:
    """What is wrong with a logo, in a few words each; nothing where receivers can show it.

    >>> explain_logo(b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2"><title>Shop</title></svg>')
    ['baseProfile is not tiny-ps', 'it has no viewBox']
    """
    if len(svg) > MOST_BYTES:
        return [f"it is larger than {MOST_BYTES // 1024} KB"]
    reader = _Reader()
    try:
        reader.parse(svg)
    except expat.ExpatError as error:
        return [f"it is no well-formed XML (line {error.lineno}: {expat.ErrorString(error.code)})"]
    except (LookupError, ValueError):
        return ["it is in an encoding that receivers may not read: write it in UTF-8"]
    except LogoError as error:
        return [str(error)]
    return reader.explain()


class _Reader:
    """Reads a logo once, from start to end, and takes notes of what must not be there."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._read_text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._path: list[str] = []
        self._root: Mapping[str, str] = {}
        self._title: str | None = None
        self._wrong: dict[str, None] = {}

    def parse(self, svg: bytes) -> None:
        """Read it, or raise."""
        self._parser.Parse(svg, True)

    def explain(self) -> list[str]:
        """What is wrong, that of the whole before that of its parts."""
        said = []
        if self._root.get("version") != "1.2":
            said.append("version is not 1.2")
        if self._root.get("baseProfile") != "tiny-ps":
            said.append("baseProfile is not tiny-ps")
        said += [f"the svg element has {name}" for name in "xy" if name in self._root]
        said += _explain_box(self._root.get("viewBox", ""))
        if not (self._title or "").strip():
            said.append("it has no title")
        elif len(str(self._title)) > _LONGEST_TITLE:
            said.append(f"its title has more than {_LONGEST_TITLE} characters")
        return [*said, *self._wrong]

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        if not self._path:
            if (space, name) != (_SVG, "svg"):
                raise LogoError("it is no SVG: its outermost element is another one")
            self._root = attributes
        self._path.append(name if space == _SVG else "")
        if self._path == ["svg", "title"] and self._title is None:
            self._title = ""
        if name in _FORBIDDEN:
            self._note(f"it has the element {name}")
        for full, value in attributes.items():
            self._judge(full.rpartition(" ")[2], value.strip())

    def _judge(self, name: str, value: str) -> None:
        if name.lower().startswith("on"):
            self._note(f"it has the event attribute {name}")
        elif (name == "href" and not value.startswith("#")) or "url(" in value.replace("url(#", ""):
            self._note("it refers to something outside itself")

    def _note(self, words: str) -> None:
        self._wrong.setdefault(words[:80])

    def _end(self, _: str) -> None:
        self._path.pop()

    def _read_text(self, text: str) -> None:
        if self._path == ["svg", "title"]:
            self._title = f"{self._title or ''}{text}"

    def _refuse(self, *_: object) -> None:
        raise LogoError("it has a document type declaration, which may hold entities")


def _explain_box(box: str) -> list[str]:
    try:
        _, _, width, height = (float(number) for number in box.replace(",", " ").split())
    except ValueError:
        return ["it has no viewBox"]
    return [] if width == height and width > 0 else ["it is not square"]
