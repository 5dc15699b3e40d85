"""Looks up BIMI records, and fetches the logo and the certificate that they name."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from mailgauge.authentication import find_organisation
from mailgauge.bimi_records import parse_usable
from mailgauge.dns import TROUBLE, UNUSABLE, explain_failure
from mailgauge.facts import (
    ABSENT,
    FOUND,
    NO_CERTIFICATE,
    NO_LOGO,
    NOT_CHECKED,
    Answer,
    CertificateAnswer,
    LogoAnswer,
)
from mailgauge.fetching import FetchError, GoneError, fetch
from mailgauge.logos import MOST_BYTES, LogoError, explain_logo, unpack_logo
from mailgauge.mark_certificates import read_certificate
from mailgauge.trust import make_context

if TYPE_CHECKING:
    from mailgauge.dns import Lookups

_MOST_OF_CERTIFICATES = 64 * 1024
"""Bytes of a file of certificates: the first holds a packed logo, which may unpack to a thousand times as much."""

_SWITCHED_OFF = "fetching is switched off (dns.bimi_fetch)"


def look_up_bimi(lookups: Lookups, domain: str) -> Answer:
    """The BIMI records of the domain, else of its organisational domain (BIMI draft 7.2)."""
    found = Answer(NOT_CHECKED, domain, reason=UNUSABLE)
    selector = lookups.settings.bimi_selector
    for place in dict.fromkeys((domain, find_organisation(domain))):
        found = lookups.find_texts(f"{selector}._bimi.{place}")
        records = tuple(record for record in found.records if record.strip().lower().startswith("v=bimi"))
        if found.state == NOT_CHECKED:
            return found
        if records:
            return Answer(FOUND, found.name, records, found.alias)
    return Answer(ABSENT, f"{selector}._bimi.{domain}")


def look_up_logo(lookups: Lookups, bimi: Answer) -> LogoAnswer:
    """The logo that a record names in l=, and what is wrong with it."""
    address = parse_usable(bimi).get("l", "")
    if not address:
        return NO_LOGO
    found = _fetch(lookups, address, MOST_BYTES)
    if isinstance(found, Answer):
        return LogoAnswer(found.state, address, reason=found.reason)
    try:
        svg = unpack_logo(found)
    except LogoError as error:
        return LogoAnswer(FOUND, address, problems=(str(error),))
    return LogoAnswer(FOUND, address, problems=tuple(explain_logo(svg)), digest=sha256(svg).hexdigest())


def look_up_certificate(lookups: Lookups, bimi: Answer, domain: str) -> CertificateAnswer:
    """The mark certificate that a record names in a=, and why receivers would not take it."""
    address = parse_usable(bimi).get("a", "")
    if not address:
        return NO_CERTIFICATE
    found = _fetch(lookups, address, _MOST_OF_CERTIFICATES)
    if isinstance(found, Answer):
        return CertificateAnswer(found.state, address, reason=found.reason)
    return read_certificate(address, found, domain, datetime.now(UTC), lookups.settings.bimi_mark_ca_file)


def _fetch(lookups: Lookups, address: str, most_bytes: int) -> bytes | Answer:
    """What stands at an address, asked for once in a run."""
    if not lookups.settings.bimi_fetch:
        return Answer(NOT_CHECKED, address, reason=_SWITCHED_OFF)
    found = lookups.files.get(address)
    if found is None:
        found = lookups.files[address] = _fetch_anew(lookups, address, most_bytes)
    return found


def _fetch_anew(lookups: Lookups, address: str, most_bytes: int) -> bytes | Answer:
    settings = lookups.settings

    def find_addresses(host: str) -> list[str]:
        try:
            return lookups.find_addresses(host)
        except TROUBLE as error:
            raise FetchError(f"{explain_failure(error)} ({host})") from None

    try:
        return fetch(
            address,
            find_addresses,
            seconds=settings.bimi_seconds,
            most_bytes=most_bytes,
            context=make_context(settings.bimi_ca_file, "dns.bimi_ca_file"),
            networks=settings.bimi_networks,
        )
    except GoneError as error:
        return Answer(ABSENT, address, reason=str(error))
    except FetchError as error:
        return Answer(NOT_CHECKED, address, reason=f"{error} ({address})")
