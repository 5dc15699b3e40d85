"""Looks up all that the checks read about domains and addresses."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import dns.inet
import dns.name
import dns.resolver
import dns.reversename

from mailgauge.authentication import find_organisation, look_up_dmarc, look_up_spf
from mailgauge.bimi_lookups import look_up_bimi, look_up_certificate, look_up_logo
from mailgauge.dns import ABSENCE, NO_DOMAIN, TROUBLE, WORKERS, Lookups, explain_failure
from mailgauge.facts import (
    ABSENT,
    BOGUS,
    FOUND,
    NOT_CHECKED,
    AddressAnswers,
    Answer,
    Answers,
    DkimAnswer,
    DkimAnswers,
    DmarcAnswer,
    DomainAnswers,
    MailFromAnswers,
    Questions,
    SpfAnswer,
)
from mailgauge.mail_from import is_feedback_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.kept_answers import Memory
    from mailgauge.settings import DnsSettings

    DnsFact = DomainAnswers | MailFromAnswers | AddressAnswers

_MOST_NAMES = 10
"""How many names of one answer are looked up in turn: whoever runs the zone may write thousands."""


def look_up_all(
    questions: Questions, settings: DnsSettings, resolver: str | None = None, memory: Memory | None = None
) -> list[DnsFact]:
    """Ask about every domain and IP address, several at a time, as one run with one budget.

    `resolver` is HOST or HOST:PORT, the one of the settings without it; what is in `memory` is not asked again.
    """
    asking = _Asking(Lookups(settings, resolver, memory), questions)
    mail_from = [(domain, name) for domain in questions.domains for name in asking.list_mail_from(domain)]
    with ThreadPoolExecutor(WORKERS) as pool:
        domains = pool.map(asking.look_up_domain, questions.domains)
        returns = pool.map(asking.look_up_mail_from, mail_from)
        addresses = pool.map(asking.look_up_address, questions.addresses)
        return [*domains, *filter(None, returns), *addresses]


class _Asking:
    """Puts questions together for one domain or address after another."""

    def __init__(self, lookups: Lookups, questions: Questions) -> None:
        self._lookups = lookups
        self._settings = lookups.settings
        self._questions = questions

    def look_up_domain(self, domain: str) -> DomainAnswers:
        """Everything that the checks read about a domain, under its name in ASCII."""
        lookups = self._lookups
        lookups.begin()
        domain = _spell_domain(domain) or domain
        if not _is_domain(domain):
            return _refuse(domain)
        dmarc, mx = look_up_dmarc(lookups, domain), self._look_up_mx(domain)
        spf, dkim = look_up_spf(lookups, domain), self._look_up_dkim(domain)
        bimi = look_up_bimi(lookups, domain)
        return DomainAnswers(
            domain,
            spf=spf,
            dkim=dkim,
            dmarc=replace(dmarc, exists=self._exists(domain)),
            bimi=bimi,
            logo=look_up_logo(lookups, bimi),
            certificate=look_up_certificate(lookups, bimi, domain),
            mx=mx,
            mta_sts=self._find_version(f"_mta-sts.{domain}", "v=STSv1"),
            tls_rpt=self._find_version(f"_smtp._tls.{domain}", "v=TLSRPTv1"),
            organisation=find_organisation(domain),
            reports=self._look_up_reports(dmarc),
            exchangers=self._look_up_exchangers(mx),
            dnssec=self._look_up_dnssec(domain),
            blocklists=self._look_up_blocklists(domain, self._settings.domain_blocklists),
        )

    def list_mail_from(self, domain: str) -> list[str]:
        """The MAIL FROM domains of a domain: the one that is set, else those that others saw."""
        known = self._settings.mail_from.get(domain)
        return [known] if known else sorted(self._questions.mail_from.get(domain, ()))

    def look_up_mail_from(self, names: tuple[str, str]) -> MailFromAnswers | None:
        """What the checks read about the MAIL FROM domain of an identity.

        None for one that others saw and that does not lead to SES: it may be that of another service.
        """
        lookups = self._lookups
        lookups.begin()
        domain, mail_from = names
        mx = self._look_up_mx(mail_from)
        is_certain = domain in self._settings.mail_from
        if not is_certain and not any(is_feedback_host(record.split()[-1]) for record in mx.records):
            return None
        return MailFromAnswers(
            domain,
            mail_from,
            organisation=find_organisation(domain),
            mail_from_organisation=find_organisation(mail_from),
            mx=mx,
            spf=look_up_spf(lookups, mail_from),
            dmarc=look_up_dmarc(lookups, domain),
            regions=tuple(sorted(self._questions.regions.get(domain, ()))),
        )

    def look_up_address(self, address: str) -> AddressAnswers:
        """The names of an address, and whether one of them leads back to it."""
        self._lookups.begin()
        if not dns.inet.is_address(address):
            nothing = Answer(NOT_CHECKED, address, reason="this is not an IP address")
            return AddressAnswers(address, nothing, is_confirmed=False, blocklists=Answers((nothing,)))
        place = dns.reversename.from_address(address)
        listed = self._look_up_blocklists(_cut_reverse(place), self._settings.ip_blocklists)
        name = place.to_text(omit_final_dot=True)
        try:
            found = self._lookups.ask(name, "PTR")
        except ABSENCE:
            return AddressAnswers(address, Answer(ABSENT, name), is_confirmed=False, blocklists=listed)
        except TROUBLE as error:
            reverse = Answer(NOT_CHECKED, name, reason=explain_failure(error))
            return AddressAnswers(address, reverse, is_confirmed=False, blocklists=listed)
        names = tuple(sorted(record.target.to_text(omit_final_dot=True) for record in found))
        confirmed, gap = self._confirm(address, names[:_MOST_NAMES])
        return AddressAnswers(address, Answer(FOUND, name, names), confirmed, gap, listed)

    def _confirm(self, address: str, names: Sequence[str]) -> tuple[bool, str]:
        gap = ""
        for name in names:
            try:
                answer = self._lookups.ask(name, "AAAA" if ":" in address else "A")
            except ABSENCE:
                continue
            except TROUBLE as error:
                gap = explain_failure(error)
                continue
            if any(ip_address(record.address) == ip_address(address) for record in answer):
                return True, ""
        return False, gap

    def _look_up_dkim(self, domain: str) -> DkimAnswers:
        keys = []
        selectors = self._settings.selectors
        known = selectors.get(domain, selectors.get("*", []))
        for selector in dict.fromkeys([*known, *sorted(self._questions.selectors.get(domain, ()))]):
            found = self._lookups.find_texts(f"{selector}._domainkey.{domain}")
            keys.append(DkimAnswer(found.state, found.name, found.records, found.alias, found.reason, selector))
        return DkimAnswers(tuple(keys))

    def _exists(self, domain: str) -> bool:
        """Whether there is a domain; one about which nobody answers is taken for there."""
        try:
            self._lookups.ask(domain, "MX")
        except dns.resolver.NXDOMAIN:
            return False
        except TROUBLE:
            return True
        return True

    def _look_up_mx(self, domain: str) -> Answer:
        """The mail exchangers of a domain, or none where an address stands for them (RFC 5321, 5.1)."""
        for kind in ("MX", "A", "AAAA"):
            try:
                answer = self._lookups.ask(domain, kind)
            except dns.resolver.NXDOMAIN:
                return Answer(ABSENT, domain)
            except dns.resolver.NoAnswer:
                continue
            except TROUBLE as error:
                return Answer(NOT_CHECKED, domain, reason=explain_failure(error))
            if kind != "MX":
                return Answer(FOUND, domain)
            hosts = sorted((record.preference, record.exchange.to_text()) for record in answer)
            return Answer(FOUND, domain, tuple(f"{preference} {host}" for preference, host in hosts))
        return Answer(ABSENT, domain)

    def _look_up_exchangers(self, mx: Answer) -> Answers:
        """Whether each mail exchanger has an address; a null MX needs none."""
        hosts = [record.split()[-1].rstrip(".") for record in mx.records[:_MOST_NAMES]]
        return Answers(tuple(self._find_address(host) for host in hosts if host))

    def _find_address(self, host: str) -> Answer:
        for kind in ("A", "AAAA"):
            try:
                answer = self._lookups.ask(host, kind)
            except dns.resolver.NXDOMAIN:
                return Answer(ABSENT, host)
            except dns.resolver.NoAnswer:
                continue
            except TROUBLE as error:
                return Answer(NOT_CHECKED, host, reason=f"{explain_failure(error)} ({host})")
            return Answer(FOUND, host, tuple(record.address for record in answer))
        return Answer(ABSENT, host)

    def _find_version(self, name: str, version: str) -> Answer:
        """The TXT records of a name that begin with a version; others do not count."""
        found = self._lookups.find_texts(name)
        records = tuple(record for record in found.records if f"{record.replace(' ', '')};".startswith(f"{version};"))
        state = ABSENT if found.state == FOUND and not records else found.state
        return replace(found, state=state, records=records)

    def _look_up_reports(self, dmarc: DmarcAnswer) -> Answers:
        """Whether other organisations take the reports that are to be sent to them (RFC 9990, 4)."""
        addresses = dmarc.tags.get("rua", "").split(",")[:_MOST_NAMES]
        domains = {address.rpartition("@")[2].strip().lower() for address in addresses} - {""}
        home = find_organisation(dmarc.location)
        others = sorted(domain for domain in domains if _is_domain(domain) and find_organisation(domain) != home)
        names = (f"{dmarc.location}._report._dmarc.{domain}" for domain in others)
        return Answers(tuple(self._find_version(name, "v=DMARC1") for name in names))

    def _look_up_dnssec(self, domain: str) -> Answer:
        try:
            self._lookups.ask(domain, "SOA")
        except ABSENCE:
            pass
        except dns.resolver.NoNameservers as error:
            if self._lookups.is_bogus(domain):
                return Answer(FOUND, domain, (BOGUS,))
            return Answer(NOT_CHECKED, domain, reason=explain_failure(error))
        except TROUBLE as error:
            return Answer(NOT_CHECKED, domain, reason=explain_failure(error))
        return Answer(FOUND, domain)

    def _look_up_blocklists(self, name: str, lists: Sequence[str]) -> Answers:
        return Answers(tuple(self._ask_blocklist(f"{name}.{place}", place) for place in lists))

    def _ask_blocklist(self, name: str, place: str) -> Answer:
        """What a list says of a name: an address of 127.0.0.0/8, and mostly a text (RFC 5782)."""
        try:
            found = [record.address for record in self._lookups.ask(name, "A")]
        except ABSENCE:
            return Answer(ABSENT, name, alias=place)
        except TROUBLE as error:
            return Answer(NOT_CHECKED, name, reason=f"{explain_failure(error)} ({place})")
        if any(not address.startswith("127.") or address.startswith("127.255.255.") for address in found):
            return Answer(NOT_CHECKED, name, reason=f"the list does not answer this resolver ({place})")
        said = self._lookups.find_texts(name).records
        return Answer(FOUND, name, (*found, *said), alias=place)


def _cut_reverse(place: dns.name.Name) -> str:
    """An address backwards, without the zone of reverse DNS, as blocklists want it."""
    return place.relativize(dns.name.from_text(".".join(place.to_text().split(".")[-3:]))).to_text()


def _spell_domain(domain: str) -> str:
    try:
        return dns.name.from_text(domain).to_text(omit_final_dot=True).lower()
    except TROUBLE:
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
        dnssec=nothing,
        blocklists=Answers((nothing,)),
    )
