"""DKIM keys as the checks judge them: the record of a selector taken apart, and findings about it; pure."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from mailgauge.findings import Finding, plain
from mailgauge.publishing import propose
from mailgauge.ses_calls import call, propose_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailgauge.facts import DkimAnswer, DomainAnswers

REFERENCES = (
    "https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim.html",
    "https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1",
    "https://www.rfc-editor.org/rfc/rfc8301",
    "https://support.google.com/a/answer/81126",
)

SHORTEST_BITS, WANTED_BITS = 1024, 2048
"""RFC 8301: what signers must and should have."""
ED25519_BYTES = 32

EASY_DKIM = (
    "With Easy DKIM, publish the three CNAME records that SES shows for the identity "
    "(<token>._domainkey.{domain} to <token>.dkim.amazonses.com); with your own key, its TXT record at {name}."
)
NEW_KEY = "Move to a key of 2048 bits: with Easy DKIM, SES makes one; with your own key, publish a new selector first."
_SES_KEYS = ".dkim.amazonses.com"


def parse_tags(record: str) -> dict[str, str]:
    """Split a tag list as RFC 6376 (3.2) writes it; white space inside a value does not count.

    >>> parse_tags("v=DKIM1; k=rsa; p=AB CD;")
    {'v': 'DKIM1', 'k': 'rsa', 'p': 'ABCD'}
    """
    pairs = (part.partition("=") for part in record.split(";") if "=" in part)
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}


def list_keys(key: DkimAnswer) -> list[dict[str, str]]:
    """The tags of each record of a selector that is a key."""
    return [tags for tags in map(parse_tags, key.records) if tags.get("v", "DKIM1" if "p" in tags else "") == "DKIM1"]


def each_key(facts: DomainAnswers) -> Iterator[tuple[DkimAnswer, dict[str, str]]]:
    """Each selector of a domain with one key that is not revoked, and the tags of that."""
    for key in facts.dkim.keys:
        keys = list_keys(key)
        if len(keys) == 1 and keys[0].get("p") != "":
            yield key, keys[0]


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


def find_bits(tags: dict[str, str]) -> int | None:
    """The bits of a key, None where it cannot be read."""
    try:
        return measure_key(tags)
    except ValueError:
        return None


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


def find_dkim(  # noqa: PLR0913, PLR0917 (what a finding says)
    check: str, facts: DomainAnswers, key: DkimAnswer, impact: str, title: str, steps: str, **more: object
) -> Finding:
    """A finding about the key of a selector; {name}, {domain} and {alias} in `steps` are filled in."""
    evidence = {"name": key.name, "selector": key.selector, "alias": key.alias, "records": list(key.records[:10])}
    named = {"{name}": key.name, "{domain}": facts.domain, "{alias}": plain(key.alias)}
    for word, value in named.items():
        steps = steps.replace(word, value)
    return Finding(check, facts.resource, key.selector, impact, title, evidence | more, steps, REFERENCES)


def propose_long_key(finding: Finding, facts: DomainAnswers, key: DkimAnswer) -> Finding:
    """The finding with the call that makes SES change to a longer key, where the key is one of SES's."""
    if not key.alias.lower().endswith(_SES_KEYS):
        return finding

    def change(bits: int) -> str:
        return call(
            "put-email-identity-dkim-signing-attributes",
            email_identity=facts.domain,
            signing_attributes_origin="AWS_SES",
            signing_attributes=f"NextSigningKeyLength=RSA_{bits}_BIT",
        )

    told = call("get-email-identity", email_identity=facts.domain, query="DkimAttributes.CurrentSigningKeyLength")
    verify = f"{told} prints RSA_2048_BIT after some days."
    return propose_call(finding, change(WANTED_BITS), verify=verify, undo=change(SHORTEST_BITS))


def propose_without(finding: Finding, key: DkimAnswer, tag: str) -> Finding:
    """The finding with the key's record as it is without a tag."""
    return propose(
        finding, key, re.sub(rf"(?:^|;)\s*{tag}\s*=[^;]*(?=;|$)", "", key.text, flags=re.IGNORECASE).lstrip("; ")
    )
