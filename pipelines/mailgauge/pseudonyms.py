"""Pseudonyms of people: a keyed hash instead of the local part of an address, the domain as it is.

A pseudonym is `person-` and 32 hexadecimal digits: the first 128 bits of HMAC-SHA-256 (RFC 2104) over the whole address
in lower case. Who knows the key finds a person again by their address; who does not cannot try a dictionary, as with a
plain hash. The domain is part of what is hashed, so that nobody is linked by a local part used at two domains.

What is left as it is: a pseudonym (so a second pass changes nothing), a local part of asterisks alone (`***@gmail.com`
names nobody) and SES's own message ids. Any other mask or hash from upstream (`j***@gmail.com`, hexadecimal digits) is
hashed like a name, and so is an address without a domain.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

from mailgauge import mentions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

PREFIX = "person-"
DIGITS = 32
KEPT = rf"\*+|{PREFIX}[0-9a-f]{{{DIGITS}}}|[0-9a-f]{{16}}(?:-[0-9a-f]{{4,12}}){{5}}-[0-9]{{6}}|"
"""Local parts that name nobody: of asterisks, a pseudonym, a message id of SES's, or nothing."""
MASK = "***"
"""What stands for a name of which no address is known."""

_BLOCK_BYTES = 64
_CHECKED = "The pseudonyms of this warehouse"
_KEPT = re.compile(KEPT)
_IN_ANGLES = re.compile(r"<([^<>]*)>[^<>]*$")
_DISPLAY_NAME = re.compile(
    r"""((?:["',;]|\\")\s*)(\\*"[^"<>\n]{1,200}\\*"|(?!smtp;|\d{3}|x-)[^\s"<>,;:@\\][^"<>,;@\n]{0,200}?)(\s*(?:<|\\u003[cC]))"""
)
_CUT_WORD = re.compile(r"[^\s\"<>\[\]{},:;=/?&@]+\Z")
"""Where JSON is cut off, its last word may be half an address."""
_TAIL = 400
_KEYS = """
    bcc cc destination emailAddress from recipient recipients recipients_matched replyTo returnPath smtp_mail_from
    source to
"""
_ADDRESS_KEYS = frozenset(_KEYS.split())
"""Under these keys SES and Mail Manager tell addresses."""


class Pseudonyms:
    """The pseudonyms that one key makes."""

    def __init__(self, key: str) -> None:
        """Hash with `key`, whatever white space stands around it."""
        self._key = key.strip().encode()

    def __repr__(self) -> str:
        """Never the key."""
        return "Pseudonyms(…)"

    @property
    def check(self) -> str:
        """What a warehouse remembers to know the key again: a hash of a fixed text."""
        return hmac.new(self._key, _CHECKED.encode(), hashlib.sha256).hexdigest()

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The key as HMAC's inner and outer block, for SQL that has SHA-256 only (RFC 2104)."""
        key = self._key if len(self._key) <= _BLOCK_BYTES else hashlib.sha256(self._key).digest()
        block = key.ljust(_BLOCK_BYTES, b"\0")
        return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)

    def address(self, text: str) -> str:
        """The pseudonym of one address; a display name around it is dropped."""
        plain = plain_address(text)
        local, at, domain = plain.rpartition("@")
        if not at:
            return plain if _KEPT.fullmatch(plain) else self._hash(plain)
        return plain if _KEPT.fullmatch(local) else f"{self._hash(plain)}@{domain}"

    def text(self, text: str, names: Collection[str] = (), *, is_json: bool = False) -> str:
        """A text with every address in it replaced, and the bare local parts `names` masked; JSON stays JSON."""
        tokens = mentions.JSON_TOKENS if is_json else mentions.TEXT_TOKENS
        mask = compile_mask(names, is_json=is_json)
        parts: list[str] = []
        place = 0
        for found in tokens.finditer(text) if _may_mention(text) else ():
            mention = mentions.split_mention(found[0])
            if mention or found["kept"]:
                parts.append(_masked(text[place : found.start()], mask))
                parts.append(self._mention(*mention) if mention else _masked(found[0], mask))
                place = found.end()
        return "".join([*parts, _masked(text[place:], mask)])

    def record(self, text: str) -> str:
        """A record that could not be read: its addresses, the display names before them, their bare local parts."""
        names = local_parts(find_addresses(text))
        hidden = _DISPLAY_NAME.sub(rf"\1{MASK}\3", self.text(text, names))
        if not hidden.startswith(("{", "[")):
            return hidden
        tail = hidden[-_TAIL:]
        return hidden[: len(hidden) - len(tail)] + _CUT_WORD.sub(MASK, tail)

    def document(self, value: Any) -> Any:  # noqa: ANN401 (any JSON value)
        """A JSON document of SES's with every address in it replaced, in keys as well."""
        return self._replace(value, local_parts(_list_addresses(value)))

    def _replace(self, value: Any, names: Collection[str], key: str = "") -> Any:  # noqa: ANN401 (any JSON value)
        if isinstance(value, str):
            return self.address(value) if key in _ADDRESS_KEYS and value.strip() else self.text(value, names)
        if isinstance(value, list):
            return [self._replace(item, names, key) for item in value]
        if isinstance(value, dict):
            return {self.text(name): self._replace(item, names, name) for name, item in value.items()}
        return value

    def _mention(self, local: str, at: str, domain: str) -> str:
        plain = lower(mentions.decode_local(local))
        return (local if _KEPT.fullmatch(plain) else self._hash(f"{plain}@{lower(domain)}")) + at + domain

    def _hash(self, plain: str) -> str:
        digest = hmac.new(self._key, plain.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return PREFIX + digest[:DIGITS]


def is_pseudonym(text: str) -> bool:
    """Whether a text is an address that names nobody already."""
    return bool(_KEPT.fullmatch(plain_address(text).rpartition("@")[0] or plain_address(text)))


def plain_address(text: str) -> str:
    """The address in lower case: jane@example.com of "Jane Doe" <jane@example.com>."""
    found = _IN_ANGLES.search(text)
    return lower((found[1] if found else text).strip())


def lower(text: str) -> str:
    """Lower case as DuckDB knows it: character by character, and one for one."""
    return text.lower() if text.isascii() else "".join(map(str.lower, text.replace("\u0130", "i")))


def local_parts(addresses: Iterable[str]) -> list[str]:
    """The local parts worth masking as bare words: those that may name a person."""
    locals_ = {plain_address(address).rpartition("@")[0] for address in addresses}
    wanted = (one for one in locals_ - mentions.ROLES if len(one) >= mentions.SHORTEST and not _KEPT.fullmatch(one))
    return sorted(wanted, reverse=True)  # a longer one before what it begins with


def find_addresses(text: str) -> list[str]:
    """The addresses that a text mentions."""
    found = (mentions.split_mention(token[0]) for token in mentions.TEXT_TOKENS.finditer(text))
    return [f"{mentions.decode_local(one[0])}@{one[2]}" for one in found if one]


def compile_mask(names: Collection[str], *, is_json: bool) -> re.Pattern[str] | None:
    """What finds bare local parts: words of a text, or the whole values of JSON that hold such a word."""
    if not names:
        return None
    words = "|".join(_edge(name[0]) + re.escape(name) + _edge(name[-1]) for name in names)
    pattern = rf'"[^"\\]*(?:{words})[^"\\]*"(\s*[,\]}}])' if is_json else f"()(?:{words})"
    return re.compile(pattern.replace(r"\b", r"(?a:\b)"), re.IGNORECASE)


def _edge(sign: str) -> str:
    return r"\b" if sign.isascii() and (sign.isalnum() or sign == "_") else ""


def _masked(text: str, mask: re.Pattern[str] | None) -> str:
    if not mask:
        return text
    return mask.sub(rf'"{MASK}"\1' if mask.pattern.startswith('"') else MASK, text)


def _may_mention(text: str) -> bool:
    return any(sign in text for sign in ("@", "%", "\\u", "&#", "\uff20"))


def _list_addresses(value: Any, key: str = "") -> Iterator[str]:  # noqa: ANN401 (any JSON value)
    """What stands under the keys of addresses, at any depth."""
    if isinstance(value, str) and key in _ADDRESS_KEYS:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _list_addresses(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _list_addresses(item, name)
