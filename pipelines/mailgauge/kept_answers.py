"""Answers of DNS that are still good, from one run of the advisor to the next (raw.dns_answers)."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.warehouse import Warehouse

    Found = dns.resolver.Answer | Exception

_LONGEST = timedelta(days=1)
"""Nothing is kept longer, whatever its TTL says."""


class Memory:
    """What is known before a run, and what it learns: answers, and that there is no such name or record."""

    def __init__(self, resolver: str, now: datetime, rows: list[dict[str, Any]] | None = None) -> None:
        """Remember `rows` of raw.dns_answers that `resolver` gave and that are good at `now`."""
        self._resolver, self._now = resolver, now
        self._known = {
            (row["name"], row["kind"]): row
            for row in rows or ()
            if row["resolver"] == resolver and row["expires_at"] > now
        }
        self.has_learnt = False

    def recall(self, name: str, kind: str) -> Found | None:
        """What was answered, as dnspython returns or raises it."""
        row = self._known.get((name, kind))
        return _read(base64.b64decode(row["message"])) if row else None

    def keep(self, name: str, kind: str, found: Found) -> None:
        """Keep an answer for as long as it says; nobody's answer is none, nor is one found by way of others."""
        message = _find_message(found)
        if message is None or message.question[0].name.to_text(omit_final_dot=True).lower() != name:
            return
        if seconds := _measure(message):
            self._known[name, kind] = {
                "resolver": self._resolver,
                "name": name,
                "kind": kind,
                "message": base64.b64encode(message.to_wire()).decode(),
                "expires_at": self._now + min(timedelta(seconds=seconds), _LONGEST),
            }
            self.has_learnt = True

    def list_rows(self) -> list[dict[str, Any]]:
        """All that is known now."""
        return list(self._known.values())


def read_memory(lake: Warehouse, resolver: str, now: datetime) -> Memory:
    """What earlier runs were told by a resolver."""
    return Memory(resolver, now, lake.rows("select * from raw.dns_answers where expires_at > ?", [now]))


def write_memory(lake: Warehouse, memory: Memory) -> None:
    """Keep what a run learnt, in the place of all that was kept before."""
    if not memory.has_learnt:
        return
    with lake.transaction():
        lake.execute("delete from raw.dns_answers")
        lake.insert("raw.dns_answers", memory.list_rows())


def _measure(message: dns.message.QueryMessage) -> int:
    """For how many seconds an answer is good; an absence without an SOA record is for none (RFC 2308, 5)."""
    found = message.resolve_chaining()
    has_soa = any(rrset.rdtype == dns.rdatatype.SOA for rrset in message.authority)
    return found.minimum_ttl if found.answer is not None or has_soa else 0


def _find_message(found: Found) -> dns.message.QueryMessage | None:
    if isinstance(found, dns.resolver.Answer):
        return found.response
    if isinstance(found, dns.resolver.NXDOMAIN):
        responses = list(found.kwargs["responses"].values())
        return responses[0] if len(responses) == 1 else None
    return found.kwargs["response"] if isinstance(found, dns.resolver.NoAnswer) else None


def _read(wire: bytes) -> Found | None:
    try:
        message = dns.message.from_wire(wire)
        assert isinstance(message, dns.message.QueryMessage)  # noqa: S101 (what else is a reply)
        question = message.question[0]
        if message.rcode() == dns.rcode.NXDOMAIN:
            names = {"qnames": [question.name], "responses": {question.name: message}}
            return dns.resolver.NXDOMAIN(**names)  # type: ignore[no-untyped-call]
        answer = dns.resolver.Answer(question.name, question.rdtype, question.rdclass, message)
    except (dns.exception.DNSException, IndexError):
        return None
    if answer.rrset is None:
        return dns.resolver.NoAnswer(response=message)  # type: ignore[no-untyped-call]
    return answer
