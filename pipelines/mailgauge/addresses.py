"""How a mail address may be written in texts from strangers, as one pattern that DuckDB and Python both read."""

from __future__ import annotations

import re

from mailgauge.errors import UsageError

_BEFORE = r"(^|[^A-Za-z0-9._+\-]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[nrt])"
_AFTER = r"($|[^A-Za-z0-9.\-]|\.(?:$|[^A-Za-z0-9]))"


def spellings_of(address: str) -> list[str]:
    """The address as the warehouse may hold it, in lower case: a pseudonym of it would be one more.

    Raises UsageError for what is no address; the sentence does not repeat it.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    local = local.strip('"')
    if not (at and local and re.fullmatch(r"[^\s@<>]+", domain) and address.isprintable() and "@" not in local):
        raise UsageError("That is no mail address: write it as in `mailgauge forget someone@example.com`.")
    return list(dict.fromkeys([f"{local}@{domain}", f"{local}@{_as_ascii(domain)}"]))


def compile_whole(spellings: list[str]) -> str:
    """A pattern, to be used whatever the case, of the address and its encodings, wherever they stand."""
    return "(?:" + "|".join(map(_encode_spelling, spellings)) + ")"


def compile_apart(spellings: list[str]) -> str:
    """The same where it is not a part of somebody else's address; groups 1 and 2 are what stands around it."""
    return f"{_BEFORE}{compile_whole(spellings)}{_AFTER}"


def _as_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _encode_spelling(spelling: str) -> str:
    local, _, domain = spelling.rpartition("@")
    quote = r'(?:\\*"|%(?:25)*22)?'
    at = f"(?:=|{_encode_sign('@')})"
    return "".join(map(_encode_sign, local)) + quote + at + "".join(map(_encode_sign, domain))


def _encode_sign(sign: str) -> str:
    """A character as it is, percent-encoded (once or more often), as JSON escapes it, or as HTML does."""
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in sign.encode())
    code = ord(sign)
    return rf"(?:{re.escape(sign)}|{percent}|\\+u{code:04x}|&#0*{code};|&#x0*{code:x};)"
