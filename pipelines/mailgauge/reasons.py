"""Why a receiver did not take mail: its response, with what varies masked, to one of the reasons of staging; pure."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RULES_FILE = Path(__file__).with_name("response_rules.toml")

UNKNOWN = "undetermined"

_WRAPPED = re.compile(r"(?:message expired|4\.4\.7).*?<(\d.*?)>?$")
"""SES's own words around the last response before it gave up."""
_TOLD_ANYWAY = re.compile(
    r"\(in reply to (?:end of data|rcpt to|data) command\)"
    r"|to (?:best )?protect (?:our )?users from spam(?: and phishing)?"
    r"(?:, (?:this|the|your) (?:message|email) has been blocked)?"
    r"|to reduce the amount of spam sent to gmail(?:, this message has been blocked)?"
)
"""What stands in responses whatever the reason is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over a masked response, and the reason that it shows."""

    reason: str
    pattern: re.Pattern[str]
    provider: str | None
    """Whose words these are."""
    example: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why mail came back."""

    reason: str
    is_expired: bool = False
    """Given up after trying; the reason is then why it could not be delivered."""
    rule: str | None = None
    """The pattern that decided."""
    provider: str | None = None


def classify_response(response: str) -> Verdict:
    """The reason in a masked response; the cause inside a wrapper is worth more than the wrapper.

    >>> classify_response("554 4.4.7 message expired: unable to deliver.<421 4.7.28 rate limited>").reason
    'rate_limited'
    """
    text = _TOLD_ANYWAY.sub(" ", response)
    if wrapped := _WRAPPED.search(text):
        inner = _find_rule(wrapped[1])
        if inner and inner.reason != "network":
            return Verdict(inner.reason, is_expired=True, rule=inner.pattern.pattern, provider=inner.provider)
        return Verdict("expired", is_expired=True)
    rule = _find_rule(text)
    if rule is None:
        return Verdict(UNKNOWN)
    return Verdict(rule.reason, rule.reason == "expired", rule.pattern.pattern, rule.provider)


def _find_rule(text: str) -> Rule | None:
    return next((rule for rule in read_rules() if rule.pattern.search(text)), None)


@cache
def read_rules() -> tuple[Rule, ...]:
    """The rules, in the order in which they are tried."""
    told = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))["rule"]
    return tuple(
        Rule(
            reason=one["reason"],
            pattern=re.compile(one["pattern"] if "pattern" in one else _match_codes(one["code"])),
            provider=one.get("provider"),
            example=one["example"],
        )
        for one in told
    )


def _match_codes(codes: str) -> str:
    """A pattern of enhanced status codes (RFC 3463); X is any class."""
    return rf"(?<![\d.])(?:{re.escape(codes).replace(chr(92) + '|', '|').replace('X', '[245]')})(?![\d.]*\d)"


def digest_rules() -> str:
    """It changes when a rule does."""
    return hashlib.sha256(RULES_FILE.read_bytes() + Path(__file__).read_bytes()).hexdigest()
