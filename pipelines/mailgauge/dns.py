"""The one edge to DNS: asks for what the checks judge, and never takes silence for an answer.

checkdmarc follows SPF records and walks the DMARC tree; DKIM keys and BIMI records are looked up here. Nothing that
a record points to is ever fetched.
"""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_address
from threading import Lock, local
from typing import TYPE_CHECKING, Any, NoReturn

import checkdmarc.dmarc
import checkdmarc.spf
import checkdmarc.utils
import dns.exception
import dns.inet
import dns.message
import dns.name
import dns.nameserver
import dns.rcode
import dns.resolver
import dns.reversename

from mailgauge.errors import UsageError
from mailgauge.facts import (
    ABSENT,
    FOUND,
    NOT_CHECKED,
    AddressAnswers,
    Answer,
    DkimAnswer,
    DkimAnswers,
    DmarcAnswer,
    DomainAnswers,
    SpfAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

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
_MOST_NAMES = 10
"""How many names of an address are looked up: whoever runs its reverse zone may write thousands."""
_ABSENCE = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)
_TROUBLE = (dns.exception.DNSException, OSError, ValueError)


class BudgetError(dns.exception.DNSException):
    """A question that is one too many; another domain may still ask it."""


class SilentResolverError(dns.exception.DNSException):
    """The resolver has not answered a single time, and is not asked again."""


def look_up_all(
    domains: Sequence[str], addresses: Sequence[str], settings: DnsSettings, resolver: str | None = None
) -> list[DomainAnswers | AddressAnswers]:
    """Ask about every domain and IP address, several at a time, as one run with one budget.

    `resolver` is HOST or HOST:PORT, the one of the settings without it.
    """
    lookups = Lookups(settings, resolver)
    with ThreadPoolExecutor(WORKERS) as pool:
        found = pool.map(lookups.look_up_domain, domains), pool.map(lookups.look_up_address, addresses)
        return [answers for answered in found for answers in answered]


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

    def __init__(self, settings: DnsSettings, resolver: str | None = None) -> None:
        """Ask `resolver`, else the one of the settings, else the machine's own."""
        self.settings = settings
        self.resolver = _make_resolver(resolver or settings.resolver, settings.timeout_seconds)
        self._known: dict[tuple[str, str], dns.resolver.Answer | Exception] = {}
        self._lock = Lock()
        self._timeouts = 0
        self._has_answered = False
        self._asked = 0
        self._place = local()
        checkdmarc.utils.DNS_CACHE.clear()  # it would mix the answers of different resolvers

    def look_up_domain(self, domain: str) -> DomainAnswers:
        """Everything that the checks read about a domain, under its name in ASCII."""
        self._place.asked = 0
        domain = _spell_domain(domain) or domain
        if not _is_domain(domain):
            return _refuse(domain)
        return DomainAnswers(
            domain,
            spf=_look_up_spf(self, domain),
            dkim=self._look_up_dkim(domain),
            dmarc=_look_up_dmarc(self, domain),
            bimi=self._look_up_bimi(domain),
            mx=self._look_up_mx(domain),
            mta_sts=self._find_version(f"_mta-sts.{domain}", "v=STSv1"),
            tls_rpt=self._find_version(f"_smtp._tls.{domain}", "v=TLSRPTv1"),
        )

    def look_up_address(self, address: str) -> AddressAnswers:
        """The names of an address, and whether one of them leads back to it."""
        self._place.asked = 0
        if not dns.inet.is_address(address):
            return AddressAnswers(address, Answer(NOT_CHECKED, address, reason="this is not an IP address"), False)
        name = dns.reversename.from_address(address).to_text(omit_final_dot=True)
        try:
            found = self.ask(name, "PTR")
        except _ABSENCE:
            return AddressAnswers(address, Answer(ABSENT, name), is_confirmed=False)
        except _TROUBLE as error:
            reverse = Answer(NOT_CHECKED, name, reason=explain_failure(error))
            return AddressAnswers(address, reverse, is_confirmed=False)
        names = tuple(sorted(record.target.to_text(omit_final_dot=True) for record in found))
        confirmed, gap = self._confirm(address, names[:_MOST_NAMES])
        return AddressAnswers(address, Answer(FOUND, name, names), confirmed, gap)

    def _confirm(self, address: str, names: Sequence[str]) -> tuple[bool, str]:
        gap = ""
        for name in names:
            try:
                answer = self.ask(name, "AAAA" if ":" in address else "A")
            except _ABSENCE:
                continue
            except _TROUBLE as error:
                gap = explain_failure(error)
                continue
            if any(ip_address(record.address) == ip_address(address) for record in answer):
                return True, ""
        return False, gap

    def ask(self, name: str, kind: str) -> dns.resolver.Answer:
        """Return the records of a name, its CNAMEs followed; raises what dnspython raises, from the cache too."""
        key = (name.lower().rstrip("."), kind)
        found = self._known.get(key)
        if found is None:
            found = self._try(name, kind)
            if not isinstance(found, BudgetError):
                self._known[key] = found
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
        except _TROUBLE as error:
            return Answer(NOT_CHECKED, name, reason=explain_failure(error))
        texts = tuple(b"".join(record.strings).decode("utf-8", "backslashreplace") for record in answer)
        return Answer(FOUND, name, texts, _name_alias(name, answer.canonical_name))

    def _try(self, name: str, kind: str) -> dns.resolver.Answer | Exception:
        if self._timeouts >= SILENCE_LIMIT and not self._has_answered:
            return SilentResolverError(SILENT)  # type: ignore[no-untyped-call]
        if gone := self._spend():
            return BudgetError(f"the budget of look-ups is used up ({gone})")  # type: ignore[no-untyped-call]
        try:
            return self._chase(name, kind)
        except _TROUBLE as error:
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
            elif isinstance(error, (*_ABSENCE, dns.resolver.NoNameservers)):
                self._has_answered = True

    def _look_up_dkim(self, domain: str) -> DkimAnswers:
        keys = []
        selectors = self.settings.selectors
        for selector in selectors.get(domain, selectors.get("*", [])):
            found = self.find_texts(f"{selector}._domainkey.{domain}")
            keys.append(DkimAnswer(found.state, found.name, found.records, found.alias, found.reason, selector))
        return DkimAnswers(tuple(keys))

    def _look_up_mx(self, domain: str) -> Answer:
        """The mail exchangers of a domain, or none where an address stands for them (RFC 5321, 5.1)."""
        for kind in ("MX", "A", "AAAA"):
            try:
                answer = self.ask(domain, kind)
            except dns.resolver.NXDOMAIN:
                return Answer(ABSENT, domain)
            except dns.resolver.NoAnswer:
                continue
            except _TROUBLE as error:
                return Answer(NOT_CHECKED, domain, reason=explain_failure(error))
            if kind != "MX":
                return Answer(FOUND, domain)
            hosts = sorted((record.preference, record.exchange.to_text()) for record in answer)
            return Answer(FOUND, domain, tuple(f"{preference} {host}" for preference, host in hosts))
        return Answer(ABSENT, domain)

    def _find_version(self, name: str, version: str) -> Answer:
        """The TXT records of a name that begin with a version; others do not count."""
        found = self.find_texts(name)
        records = tuple(record for record in found.records if record.replace(" ", "").startswith(f"{version};"))
        state = ABSENT if found.state == FOUND and not records else found.state
        return replace(found, state=state, records=records)

    def _look_up_bimi(self, domain: str) -> Answer:
        """The BIMI records of the domain, else of its organisational domain (BIMI draft 7.2)."""
        found = Answer(NOT_CHECKED, domain, reason=UNUSABLE)
        for place in dict.fromkeys((domain, checkdmarc.utils.get_base_domain(domain))):
            found = self.find_texts(f"{self.settings.bimi_selector}._bimi.{place}")
            records = tuple(record for record in found.records if record.strip().lower().startswith("v=bimi"))
            if found.state == NOT_CHECKED:
                return found
            if records:
                return Answer(FOUND, found.name, records, found.alias)
        return Answer(ABSENT, f"{self.settings.bimi_selector}._bimi.{domain}")


def _spell_domain(domain: str) -> str:
    try:
        return dns.name.from_text(domain).to_text(omit_final_dot=True).lower()
    except _TROUBLE:
        return ""


def _is_domain(domain: str) -> bool:
    return re.fullmatch(r"([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9][a-z0-9-]*", domain) is not None


def _refuse(domain: str) -> DomainAnswers:
    said: dict[str, Any] = {"state": NOT_CHECKED, "name": domain, "reason": NO_DOMAIN}
    nothing = Answer(**said)
    return DomainAnswers(
        domain,
        spf=SpfAnswer(**said),
        dkim=DkimAnswers((DkimAnswer(**said),)),
        dmarc=DmarcAnswer(**said),
        bimi=nothing,
        mx=nothing,
        mta_sts=nothing,
        tls_rpt=nothing,
    )


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


class _Listener:
    """What checkdmarc is given for a resolver: asks through our cache, and remembers what checkdmarc forgets.

    checkdmarc takes a time-out for absence now and then: where `failures` is not empty, its verdict does not count.
    """

    def __init__(self, lookups: Lookups, domain: str, only: str = "") -> None:
        self.lifetime = lookups.settings.timeout_seconds
        self.failures: list[str] = []
        self.asked: list[str] = []
        self._lookups = lookups
        self._domain = domain
        self._only = only

    def resolve(self, name: str, kind: str, **_: object) -> dns.resolver.Answer:
        """Answer as dnspython's resolver does; names that do not start as wanted have no records."""
        if not name.startswith(self._only) or kind == "SPF":  # the type that RFC 7208 took out
            _say_nothing(name)
        if kind == "TXT":
            self.asked.append(name)
        try:
            return self._lookups.ask(name, kind)
        except _ABSENCE:
            raise
        except _TROUBLE as error:
            if kind == "TXT" or isinstance(error, BudgetError):
                where = "" if name.endswith(self._domain) else f" ({name})"
                self.failures.append(f"{explain_failure(error)}{where}")
            raise


class _Nobody:
    """A resolver that knows nothing: with it checkdmarc reads a record without asking about what stands in it."""

    lifetime = 0.0

    def resolve(self, name: str, _kind: str, **_: object) -> NoReturn:
        """Say that there is no such record."""
        _say_nothing(name)


def _say_nothing(name: str) -> NoReturn:
    try:
        query = dns.message.make_query(name, "TXT")
    except _TROUBLE:
        query = dns.message.make_query(dns.name.root, "TXT")
    raise dns.resolver.NoAnswer(response=dns.message.make_response(query))  # type: ignore[no-untyped-call]


_SPF_PROBLEMS = {
    checkdmarc.spf.SPFTooManyDNSLookups: "lookups",
    checkdmarc.spf.SPFTooManyVoidDNSLookups: "voids",
    checkdmarc.spf.SPFIncludeLoop: "loop",
    checkdmarc.spf.SPFRedirectLoop: "loop",
}


def _look_up_spf(lookups: Lookups, domain: str) -> SpfAnswer:
    found = lookups.find_texts(domain)
    records = tuple(record for record in found.records if f"{record} ".lower().startswith("v=spf1 "))
    others = tuple(record for record in found.records if record not in records)
    if found.state == NOT_CHECKED:
        return SpfAnswer(NOT_CHECKED, domain, reason=found.reason)
    if len(records) != 1:
        return SpfAnswer(FOUND if records else ABSENT, domain, records, found.alias, others=others)
    return replace(_follow_spf(lookups, domain, records), alias=found.alias, others=others)


def _follow_spf(lookups: Lookups, domain: str, records: tuple[str, ...]) -> SpfAnswer:
    listener = _Listener(lookups, domain)
    result: dict[str, Any] = {}
    problem = detail = ""
    record = "v=spf1" + records[0][len("v=spf1") :]  # V=SPF1 is as good, but checkdmarc does not know
    try:
        result = checkdmarc.spf.parse_spf_record(
            record, domain, resolver=listener, nameservers=lookups.resolver.nameservers, timeout=listener.lifetime
        )
    except checkdmarc.spf.SPFError as error:
        problem, detail = _SPF_PROBLEMS.get(type(error), "syntax"), str(error)
    except Exception as error:  # noqa: BLE001 (a record that makes checkdmarc stumble says nothing)
        listener.failures.append(f"the record could not be read ({type(error).__name__})")
    if listener.failures:
        return SpfAnswer(NOT_CHECKED, domain, records, reason=listener.failures[0])
    return SpfAnswer(
        FOUND,
        domain,
        records,
        final=_find_final(records[0], result.get("parsed")),
        includes=tuple(dict.fromkeys(listener.asked)),
        dns_lookups=result.get("dns_lookups"),
        problem=problem,
        detail=detail,
    )


def _find_final(record: str, parsed: Any) -> str:  # noqa: ANN401 (checkdmarc has no types)
    while parsed and parsed["redirect"] and parsed["redirect"]["record"]:
        record, parsed = parsed["redirect"]["record"], parsed["redirect"]["parsed"]
    return record


def _look_up_dmarc(lookups: Lookups, domain: str) -> DmarcAnswer:
    answer = _walk_dmarc(lookups, domain)
    if answer.state == NOT_CHECKED:
        return answer
    there = lookups.find_texts(answer.name)
    others = tuple(text for text in there.records if text not in answer.records)
    return replace(answer, alias=there.alias, others=others)


def _walk_dmarc(lookups: Lookups, domain: str) -> DmarcAnswer:
    name = f"_dmarc.{domain}"
    listener = _Listener(lookups, domain, only="_dmarc.")
    found: dict[str, Any] = {}
    problem = detail = ""
    try:
        found = checkdmarc.dmarc.query_dmarc_record(domain, resolver=listener, ignore_unrelated_records=True)
    except checkdmarc.dmarc.DMARCRecordNotFound:
        problem = ABSENT
    except checkdmarc.dmarc.DMARCError as error:
        problem, detail = _name_dmarc_problem(error), str(error)
    except Exception as error:  # noqa: BLE001 (a record that makes checkdmarc stumble says nothing)
        listener.failures.append(f"the record could not be read ({type(error).__name__})")
    if listener.failures:
        return DmarcAnswer(NOT_CHECKED, name, reason=listener.failures[0])
    if problem == ABSENT:
        return DmarcAnswer(ABSENT, name)
    if problem:
        place = listener.asked[-1]
        records = lookups.find_texts(place).records
        location = place.removeprefix("_dmarc.")
        return DmarcAnswer(FOUND, place, records, location=location, problem=problem, detail=detail)
    return _read_dmarc(found["record"], found["location"])


def _read_dmarc(record: str, location: str) -> DmarcAnswer:
    name = f"_dmarc.{location}"
    try:
        parsed = checkdmarc.dmarc.parse_dmarc_record(
            record, location, resolver=_Nobody(), ignore_unrelated_records=True
        )
    except checkdmarc.dmarc.DMARCError as error:
        problem = _name_dmarc_problem(error)
        return DmarcAnswer(FOUND, name, (record,), location=location, problem=problem, detail=str(error))
    except Exception as error:  # noqa: BLE001 (a record that makes checkdmarc stumble says nothing)
        return DmarcAnswer(NOT_CHECKED, name, reason=f"the record could not be read ({type(error).__name__})")
    tags = {tag: _tag_text(said["value"]) for tag, said in parsed["tags"].items() if said["explicit"]}
    return DmarcAnswer(FOUND, name, (record,), location=location, tags=tags)


def _name_dmarc_problem(error: Exception) -> str:
    return "several" if isinstance(error, checkdmarc.dmarc.MultipleDMARCRecords) else "syntax"


def _tag_text(value: Any) -> str:  # noqa: ANN401 (checkdmarc has no types)
    return ",".join(uri["address"] for uri in value) if isinstance(value, list) else str(value)
