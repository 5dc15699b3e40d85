"""Follows SPF records and walks the DMARC tree, with checkdmarc, through our look-ups and their budget."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import checkdmarc.dmarc
import checkdmarc.spf
import checkdmarc.utils
import dns.message
import dns.name
import dns.resolver

from mailgauge.dns import ABSENCE, TROUBLE, BudgetError, explain_failure
from mailgauge.facts import ABSENT, FOUND, NOT_CHECKED, DmarcAnswer, SpfAnswer

if TYPE_CHECKING:
    from mailgauge.dns import Lookups


checkdmarc.utils.DNS_CACHE = type(checkdmarc.utils.DNS_CACHE)(max_len=1, max_age_seconds=0)
"""It keeps nothing: our look-ups do, and what checkdmarc knew already would not come by the listener."""


def find_organisation(domain: str) -> str:
    """The domain below the public suffix that `domain` is of, or itself."""
    return checkdmarc.utils.get_base_domain(domain) or domain


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
        except ABSENCE:
            raise
        except TROUBLE as error:
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
    except TROUBLE:
        query = dns.message.make_query(dns.name.root, "TXT")
    raise dns.resolver.NoAnswer(response=dns.message.make_response(query))  # type: ignore[no-untyped-call]


_SPF_PROBLEMS = {
    checkdmarc.spf.SPFTooManyDNSLookups: "lookups",
    checkdmarc.spf.SPFTooManyVoidDNSLookups: "voids",
    checkdmarc.spf.SPFIncludeLoop: "loop",
    checkdmarc.spf.SPFRedirectLoop: "loop",
}


def look_up_spf(lookups: Lookups, domain: str) -> SpfAnswer:
    """The SPF records of a domain, and what comes of following the only one."""
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


def look_up_dmarc(lookups: Lookups, domain: str) -> DmarcAnswer:
    """The DMARC record that holds for a domain."""
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
