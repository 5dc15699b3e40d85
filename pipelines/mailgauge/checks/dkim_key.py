"""Looks at the DKIM keys of an identity's domain, one for each selector that is set: there, whole, valid, long enough.

A signature whose key cannot be read fails, and with it DMARC of mail without a custom MAIL FROM. RFC 8301 asks
signers for 1024 bits at least and 2048 as a rule; AWS's advisor wants 2048.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from mailgauge.facts import DkimAnswer, DomainAnswers
from mailgauge.findings import HIGH, LOW, Finding, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "dkim_key"
FACTS = DomainAnswers
READS = ("dkim",)
REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim.html",
    "https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1",
    "https://www.rfc-editor.org/rfc/rfc8301",
    "https://support.google.com/a/answer/81126",
)

SHORTEST_BITS, WANTED_BITS = 1024, 2048
ED25519_BYTES = 32

_EASY_DKIM = (
    "With Easy DKIM, publish the three CNAME records that SES shows for the identity "
    "(<token>._domainkey.{domain} to <token>.dkim.amazonses.com); with your own key, its TXT record at {name}."
)
_NEW_KEY = (
    "Move to a key of 2048 bits: aws sesv2 put-email-identity-dkim-signing-attributes --email-identity {domain} "
    "--signing-attributes-origin AWS_SES --signing-attributes NextSigningKeyLength=RSA_2048_BIT"
)

_SAYINGS = {
    "missing": (HIGH, "DKIM record was not found.", _EASY_DKIM),
    "dangling": (
        HIGH,
        "DKIM verification has failed.",
        f"The CNAME record at {{name}} leads to {{alias}}, where there is no key. {_EASY_DKIM}",
    ),
    "several": (
        HIGH,
        "Several DKIM records were found for one selector.",
        "Delete all but the record that SES signs with at {name}.",
    ),
    "syntax": (
        HIGH,
        "DKIM record could not be parsed.",
        "Publish the key at {name} again, whole, in strings of at most 255 characters.",
    ),
    "revoked": (
        HIGH,
        "DKIM key is revoked.",
        "The key at {name} is revoked (p= is empty): sign with another selector, or publish the key again.",
    ),
    "short": (HIGH, f"DKIM signing key length is below {SHORTEST_BITS} bits.", _NEW_KEY),
    "length": (LOW, f"DKIM signing key length is below {WANTED_BITS} bits.", _NEW_KEY),
    "testing": (
        LOW,
        "DKIM record is in testing mode.",
        "Take t=y out of the record at {name}: receivers may treat signed mail as unsigned while it is there.",
    ),
}


def check(facts: DomainAnswers) -> list[Finding]:
    """Judge every key of a domain."""
    return [finding for key in facts.dkim.keys for finding in _judge_key(facts, key)]


def parse_tags(record: str) -> dict[str, str]:
    """Split a tag list as RFC 6376 (3.2) writes it; white space inside a value does not count.

    >>> parse_tags("v=DKIM1; k=rsa; p=AB CD;")
    {'v': 'DKIM1', 'k': 'rsa', 'p': 'ABCD'}
    """
    pairs = (part.partition("=") for part in record.split(";") if "=" in part)
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}


def measure_key(tags: dict[str, str]) -> int:
    """Return the bits of the public key in `p`; raises ValueError where there is no readable one."""
    try:
        key = base64.b64decode(tags.get("p", ""), validate=True)
    except binascii.Error:
        raise ValueError("its p is no whole base64") from None
    kind = tags.get("k", "rsa").lower()
    if kind == "ed25519":
        if len(key) != ED25519_BYTES:
            raise ValueError(f"its Ed25519 key has {len(key)} bytes, not {ED25519_BYTES}")
        return WANTED_BITS  # as strong as RSA of any length in use
    if kind != "rsa":
        raise ValueError("its k is neither rsa nor ed25519")
    return _measure_rsa(key)


def _measure_rsa(key: bytes) -> int:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (slow to load, and not always wanted)
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        public = load_der_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("its p holds no whole public key") from None
    if not isinstance(public, RSAPublicKey):
        raise ValueError("its p holds no RSA key")  # noqa: TRY004 (the record is wrong, not the program)
    return public.key_size


def _judge_key(facts: DomainAnswers, key: DkimAnswer) -> Iterator[Finding]:
    keys = [tags for tags in map(parse_tags, key.records) if tags.get("v", "DKIM1" if "p" in tags else "") == "DKIM1"]
    if len(keys) > 1:
        yield _find(facts, key, "several")
    elif keys:
        yield from _judge_record(facts, key, keys[0])
    else:
        yield _find(facts, key, "dangling" if key.alias else "missing")


def _judge_record(facts: DomainAnswers, key: DkimAnswer, tags: dict[str, str]) -> Iterator[Finding]:
    if tags.get("p") == "":
        yield _find(facts, key, "revoked")
        return
    try:
        bits = measure_key(tags)
    except ValueError as error:
        yield _find(facts, key, "syntax", error=str(error))
        return
    if bits < WANTED_BITS:
        yield _find(facts, key, "short" if bits < SHORTEST_BITS else "length", bits=bits)
    if "y" in tags.get("t", "").lower().split(":"):
        yield _find(facts, key, "testing")


def _find(facts: DomainAnswers, key: DkimAnswer, kind: str, **more: object) -> Finding:
    impact, title, steps = _SAYINGS[kind]
    evidence = {"name": key.name, "selector": key.selector, "alias": key.alias, "records": list(key.records[:10])}
    named = {"{name}": key.name, "{domain}": facts.domain, "{alias}": plain(key.alias)}
    for word, value in named.items():
        steps = steps.replace(word, value)
    return Finding(NAME, facts.resource, f"{kind} {key.selector}", impact, title, evidence | more, steps, REFERENCES)
