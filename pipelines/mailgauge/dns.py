"""The one edge to DNS: asks each question once, within a budget, and never takes silence for an answer."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, local
from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.name
import dns.nameserver
import dns.rcode
import dns.resolver
import dns.reversename

from mailgauge.errors import UsageError
from mailgauge.facts import ABSENT, FOUND, NOT_CHECKED, Answer

if TYPE_CHECKING:
    from mailgauge.kept_answers import Memory
    from mailgauge.settings import DnsSettings

WORKERS = 32
"""How many domains are asked about at once: they wait most of their time."""

CHAIN_LIMIT = 8
"""How many CNAME records are followed where the server does not do it."""

SILENCE_LIMIT = 8
"""After so many time-outs and not one answer the resolver is taken for dead, and nobody waits for it any more."""

TIMED_OUT, UNUSABLE, SILENT = "the look-up timed out", "no name server gave an answer", "the resolver does not answer"
NO_DOMAIN = "this is not a domain name"

_DNS_PORT = 53
ABSENCE = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)
TROUBLE = (dns.exception.DNSException, OSError, ValueError)
"""What asking raises: there is no such record, or nobody can say."""


class BudgetError(dns.exception.DNSException):
    """A question that is one too many; another domain may still ask it."""


class SilentResolverError(dns.exception.DNSException):
    """The resolver has not answered a single time, and is not asked again."""


def parse_resolver(text: str) -> tuple[str, int]:
    """Split HOST, HOST:PORT or [IPv6]:PORT.

    >>> parse_resolver("127.0.0.1:5353"), parse_resolver("[::1]:53"), parse_resolver("::1")
    (('127.0.0.1', 5353), ('::1', 53), ('::1', 53))
    """
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):  # noqa: PLR2004 (ports)
        raise UsageError(f"The resolver {text!r} is not HOST, HOST:PORT or [IPv6]:PORT.")
    return host, int(port or _DNS_PORT)


def _make_resolver(text: str | None, seconds: float) -> dns.resolver.Resolver:
    try:
        made = dns.resolver.Resolver(configure=text is None)
    except dns.resolver.NoResolverConfiguration:
        raise UsageError("This machine has no DNS resolver: name one with --resolver or dns.resolver.") from None
    if text is not None:
        host, port = parse_resolver(text)
        made.nameservers = [dns.nameserver.Do53Nameserver(address, port) for address in _find_addresses(host)]
    made.lifetime = seconds
    made.timeout = seconds / 3  # a datagram may be lost: ask again within the time there is
    made.use_edns(0, 0, 1232)
    return made


def _find_addresses(host: str) -> list[str]:
    if dns.inet.is_address(host):
        return [host]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        raise UsageError(f"The resolver {host!r} has no address: name it by its IP address.") from None
    return sorted({str(entry[4][0]) for entry in found})


class Lookups:
    """The look-ups of one run: one resolver, and every question asked once."""

    def __init__(self, settings: DnsSettings, resolver: str | None = None, memory: Memory | None = None) -> None:
        """Ask `resolver`, else the one of the settings, else the machine's own, about what is not in `memory`."""
        self.settings = settings
        self._memory = memory
        self.resolver = _make_resolver(resolver or settings.resolver, settings.timeout_seconds)
        self.files: dict[str, bytes | Answer] = {}
        """What was fetched from an address in this run, or why not: many domains share a logo."""
        self._known: dict[tuple[str, str], dns.resolver.Answer | Exception | None] = {}
        self._lock = Lock()
        self._timeouts = 0
        self._has_answered = False
        self._asked = 0
        self._place = local()
        self._unvalidated = _make_resolver(resolver or settings.resolver, settings.timeout_seconds)
        self._unvalidated.set_flags(dns.flags.RD | dns.flags.CD)

    def begin(self) -> None:
        """Begin with another domain or address: from here on this thread spends the budget of that."""
        self._place.asked = 0

    def ask(self, name: str, kind: str) -> dns.resolver.Answer:
        """Return the records of a name, its CNAMEs followed; raises what dnspython raises, from the cache too."""
        key = (name.lower().rstrip("."), kind)
        found = self._known.get(key)
        if found is None and self._memory:
            found = self._known[key] = self._memory.recall(*key)
        if found is None:
            found = self._try(name, kind)
            if not isinstance(found, BudgetError):
                self._known[key] = found
            if self._memory:
                self._memory.keep(*key, found)
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found

    def find_texts(self, name: str) -> Answer:
        """Return the TXT records of a name, or why there are none."""
        try:
            answer = self.ask(name, "TXT")
        except dns.resolver.NXDOMAIN as error:
            return Answer(ABSENT, name, alias=_name_alias(name, error.canonical_name))
        except dns.resolver.NoAnswer as error:
            return Answer(ABSENT, name, alias=_name_alias(name, error.kwargs["response"].canonical_name()))
        except TROUBLE as error:
            return Answer(NOT_CHECKED, name, reason=explain_failure(error))
        texts = tuple(b"".join(record.strings).decode("utf-8", "backslashreplace") for record in answer)
        return Answer(FOUND, name, texts, _name_alias(name, answer.canonical_name))

    def find_addresses(self, host: str) -> list[str]:
        """Return the addresses of a host, or the one that it is; raises what `ask` raises, but for absence."""
        if dns.inet.is_address(host):
            return [host]
        found = []
        for kind in ("A", "AAAA"):
            with suppress(*ABSENCE):
                found += [record.address for record in self.ask(host, kind)]
        return found

    def is_bogus(self, name: str) -> bool:
        """Whether a name that the resolver failed at is there when nobody validates its signatures, and only then.

        It is asked a second time as it was: a resolver in trouble may have failed the first time alone.
        """
        return _is_there(self._unvalidated, name) is True and _is_there(self.resolver, name) is False

    def _try(self, name: str, kind: str) -> dns.resolver.Answer | Exception:
        if self._timeouts >= SILENCE_LIMIT and not self._has_answered:
            return SilentResolverError(SILENT)  # type: ignore[no-untyped-call]
        if gone := self._spend():
            return BudgetError(f"the budget of look-ups is used up ({gone})")  # type: ignore[no-untyped-call]
        try:
            return self._chase(name, kind)
        except TROUBLE as error:
            self._note(error)
            return error

    def _spend(self) -> str:
        """Count a question; tells the setting that forbids it, if one does."""
        if (asked := getattr(self._place, "asked", None)) is not None:  # for a domain, and not by itself
            self._place.asked = asked + 1
            if asked >= self.settings.most_look_ups_a_domain:
                return "dns.most_look_ups_a_domain"
        with self._lock:
            self._asked += 1
            return "dns.most_look_ups" if self._asked > self.settings.most_look_ups else ""

    def _chase(self, name: str, kind: str) -> dns.resolver.Answer:
        asked: str | dns.name.Name = name
        for _ in range(CHAIN_LIMIT):
            answer = self.resolver.resolve(asked, kind, raise_on_no_answer=False, search=False)
            self._has_answered = True
            if answer.rrset is not None:
                return answer
            if answer.canonical_name == answer.qname:
                raise dns.resolver.NoAnswer(response=answer.response)  # type: ignore[no-untyped-call]
            asked = answer.canonical_name
        raise dns.message.ChainTooLong

    def _note(self, error: Exception) -> None:
        with self._lock:
            if isinstance(error, dns.exception.Timeout):
                self._timeouts += 1
            elif isinstance(error, (*ABSENCE, dns.resolver.NoNameservers)):
                self._has_answered = True


def _is_there(resolver: dns.resolver.Resolver, name: str) -> bool | None:
    """Whether a resolver answers about a name or fails; None where it is silent."""
    try:
        resolver.resolve(name, "SOA", raise_on_no_answer=False, search=False)
    except ABSENCE:
        return True
    except dns.resolver.NoNameservers:
        return False
    except TROUBLE:
        return None
    return True


def explain_failure(error: BaseException) -> str:
    """Why a look-up says nothing, in a few words."""
    if isinstance(error, dns.exception.Timeout):
        return TIMED_OUT
    if isinstance(error, (BudgetError, SilentResolverError)):
        return str(error)
    if isinstance(error, (dns.exception.SyntaxError, dns.exception.FormError, UnicodeError)):
        return NO_DOMAIN
    if isinstance(error, dns.message.ChainTooLong):
        return "its CNAME records lead nowhere"
    if isinstance(error, dns.resolver.NoNameservers):
        codes = {entry[3] for entry in error.kwargs.get("errors", ()) if isinstance(entry[3], str)}
        return f"the name server said {' and '.join(sorted(codes))}" if codes else UNUSABLE
    return UNUSABLE


def _name_alias(name: str, canonical: dns.name.Name) -> str:
    target = canonical.to_text(omit_final_dot=True)
    return "" if target.lower() == name.lower().rstrip(".") else target
