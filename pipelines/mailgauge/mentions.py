r"""Where mail addresses stand in a text, however it is written down: plain, in a link, in JSON, quoted.

The same patterns serve Python and sql/raw/pseudonymised.sql, so they keep to what RE2 knows, and both read a text in
one pass from left to right. Where a character may be part of a local part or stand before it, the reading that leaves
nothing of a local part behind wins; `/`, `?`, `&`, `:`, `,` and `;` always end what is before it.
"""

from __future__ import annotations

import re

_LOCAL_HEX = "(?i:2[1347abde]|3[0-9d]|4[1-9a-f]|5[0-9aef]|6[0-9a-f]|7[0-9a-e]|[89a-f][0-9a-f])"
"""The codes of characters that a local part can hold (RFC 5322, atext and the dot), and of all that are no ASCII."""
_OTHER_HEX = "(?i:[01][0-9a-f]|2[025689cf]|3[abcef]|40|5[bcd]|7f)"
_PERCENT = "%(?:25)*"
"""A link within a link is encoded twice: %2540."""
_ENCODED = (
    rf"{_PERCENT}{_LOCAL_HEX}|%[0-9A-Fa-f]?(?:[G-Zg-z_+*.~-]|[^\x00-\x7F\x{{FF20}}])"
    rf"|\\+u(?:00{_LOCAL_HEX}|0[1-9A-Fa-f][0-9A-Fa-f]{{2}}|[1-9A-Fa-f][0-9A-Fa-f]{{3}})"
)
_FIRST = rf"(?:[0-9A-Za-z_+*.~-]|[^\x00-\x7F\x{{FF20}}]|{_ENCODED})"
_REST = rf"(?:[0-9A-Za-z_+*.~!#$^`{{|}}'=-]|[^\x00-\x7F\x{{FF20}}]|{_ENCODED})"
SEPARATOR = rf"(?:@|\x{{FF20}}|{_PERCENT}40|\\+u0040|&#(?:64|[xX]40);)"
"""The at sign, as itself and as links, JSON and HTML write it."""
DOMAIN = (
    r"(?:[0-9A-Za-z]|[^\x00-\x7F\x{FF20}])"
    r"(?:(?:[0-9A-Za-z.-]|[^\x00-\x7F\x{FF20}])*(?:[0-9A-Za-z]|[^\x00-\x7F\x{FF20}]))?"
    r"|\[[0-9A-Za-z.:]+\]"
)
_USUAL = (
    "(?i:e-?mail(?:_?address)?|mail|mailto|to|cc|bcc|from|rcpt|recipient|address|addr|user(?:name|_?id)?|login|account"
    "|contact|subscriber|sender|smtp\\.mailfrom|header\\.from|header\\.i|envelope-from|for|id|u|e)="
)
"""Names before an address that are no part of it; any other is taken for one, as in bounce+jane=example.com@…"""
_KEPT = (
    rf"(?:[?&;]|{_PERCENT}(?i:3f|3b|26))[0-9A-Za-z_.\[\]-]{{1,40}}(?:=|{_PERCENT}3[Dd])"
    rf"|{_USUAL}|{_PERCENT}{_OTHER_HEX}|\\+u00{_OTHER_HEX}|\\+[nrtbf]"
)
_ESCAPED_QUOTES = r"\\+\"[^\"\n]{0,100}\\+\""
_QUOTES = r"\"(?:[^\"\\\n]|\\[^\n]){0,100}\""

IN_JSON = rf"{_KEPT}|(?:{_ESCAPED_QUOTES}|{_FIRST}{_REST}*){SEPARATOR}(?:{DOMAIN})"
"""What is kept as it is, or an address; takes no quote that JSON needs."""
IN_TEXT = rf"{_KEPT}|(?:{_ESCAPED_QUOTES}|{_QUOTES}|{_FIRST}{_REST}*){SEPARATOR}(?:{DOMAIN})"
"""The same where quotes have no meaning but the address's own."""
PARTS = rf"(?s)^(.*)({SEPARATOR})({DOMAIN})$"
"""The local part, the at sign and the domain of what the patterns above found."""

_ROLES = """
    abuse account accounts address admin administrator alerts bad billing bounce campaign contact customer customers
    delivery desk domain email error example failed help hello host hostmaster info invalid jobs list local mail mailbox
    mailer-daemon marketing message messages name news newsletter newsletters noreply no-reply not office order orders
    person post postmaster promo recipient rejected root sales security sender service services ses shop smtp spam
    staff subscribers support team test the unknown user users web webmaster
"""
ROLES = frozenset(_ROLES.split())
"""Local parts that name no person, and words of SMTP responses: masked with their domain, never as a bare word."""
SHORTEST = 3
"""A shorter local part is no word to look for: half of all texts would hold it."""


def _one_pass(quotes: str) -> re.Pattern[str]:
    """A run without an at sign is a match too and is taken whole: so the time grows with the text alone."""
    at = rf"{SEPARATOR}(?:{DOMAIN})"
    pattern = rf"(?P<kept>{_KEPT})|(?:{quotes}){at}|{_FIRST}{_REST}*+(?:{at})?"
    return re.compile(pattern.replace(r"\x{FF20}", "\uff20"))


TEXT_TOKENS = _one_pass(f"{_ESCAPED_QUOTES}|{_QUOTES}")
JSON_TOKENS = _one_pass(_ESCAPED_QUOTES)
"""IN_TEXT and IN_JSON for Python."""
_SPLIT = re.compile(PARTS.replace(r"\x{FF20}", "\uff20"))


def split_mention(token: str) -> tuple[str, str, str] | None:
    """The local part, at sign and domain of a token, or None where it holds no address."""
    found = _SPLIT.match(token)
    return (found[1], found[2], found[3]) if found and found[1] else None


def decode_local(local: str) -> str:
    r"""The local part as a mail server knows it: of jane%2Bshop, jane+shop, and "jane doe" of \"jane doe\"."""
    plain = local.replace('\\"', '"')
    for code, sign in DECODED:
        plain = re.sub(code, sign, plain)
    return plain


DECODED = (("%(?:25)*2[Bb]", "+"), ("%(?:25)*2[Dd]", "-"), ("%(?:25)*2[Ee]", "."), ("%(?:25)*5[Ff]", "_"))
"""What links encode although they need not."""
