"""What the checks judge: plain facts that the edges gather, each of which can say that it is not known.

A fact's `gap` is the reason why nothing can be said from it, and empty where something can.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailgauge.rates import NO_DATA, TOO_FEW, Rate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

FOUND, ABSENT, NOT_CHECKED = "found", "absent", "not checked"
BOGUS = "bogus"
"""The record of a DNSSEC answer where the signatures do not hold."""


class NotCheckedError(Exception):
    """A check cannot tell from its facts; the message says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What DNS said about the TXT records of a name."""

    state: str
    """FOUND; ABSENT (NXDOMAIN, or no such record); NOT_CHECKED (time-out, SERVFAIL, refusal)."""
    name: str
    records: tuple[str, ...] = ()
    """As they came: hostile text of any length."""
    alias: str = ""
    """Where CNAME records led from the name, if anywhere."""
    reason: str = ""
    """Why it is NOT_CHECKED."""

    @property
    def gap(self) -> str:
        """Why nothing can be said, or nothing."""
        return self.reason if self.state == NOT_CHECKED else ""

    @property
    def text(self) -> str:
        """The first record, or nothing."""
        return self.records[0] if self.records else ""


NOT_ASKED = Answer(NOT_CHECKED, "", reason="it was not asked for")


@dataclass(frozen=True, slots=True)
class SpfAnswer(Answer):
    """The SPF records of a domain (version v=spf1) and what came of following the only one."""

    final: str = ""
    """The record whose `all` counts: the domain's own, or the one its redirects end at."""
    includes: tuple[str, ...] = ()
    """Every domain that was followed, however deep."""
    dns_lookups: int | None = None
    problem: str = ""
    """Why receivers give up on it: lookups, voids, loop, syntax; or nothing."""
    detail: str = ""
    others: tuple[str, ...] = ()
    """The other TXT records of the domain."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to one question about several names."""

    answers: tuple[Answer, ...] = ()

    @property
    def gap(self) -> str:
        """Why nothing can be said, or nothing."""
        return next((answer.gap for answer in self.answers if answer.gap), "")


@dataclass(frozen=True, slots=True)
class DkimAnswer(Answer):
    """The key records of one selector."""

    selector: str = ""


@dataclass(frozen=True, slots=True)
class DkimAnswers:
    """The keys of a domain, one answer for each selector that is set."""

    keys: tuple[DkimAnswer, ...] = ()

    @property
    def gap(self) -> str:
        """Why nothing can be said, or nothing."""
        if not self.keys:
            return "no DKIM selectors are set (dns.selectors)"
        return next((key.gap for key in self.keys if key.gap), "")


@dataclass(frozen=True, slots=True)
class DmarcAnswer(Answer):
    """The DMARC record that holds for a domain, found by the tree walk of RFC 9989."""

    location: str = ""
    """The domain that publishes it: the one asked about, or one above it."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """The tags that it spells out."""
    others: tuple[str, ...] = ()
    """The other TXT records of the name."""
    problem: str = ""
    """Why receivers discard it: several, syntax; or nothing."""
    detail: str = ""
    exists: bool = True
    """Whether there is the domain that was asked about: `np` counts where there is not."""

    def policy_for(self, domain: str) -> str:
        """The policy that receivers apply to mail from `domain`.

        Below the publisher `sp` counts, and `np` for a name that does not exist (RFC 9989, 4.7); t=y lowers by one.
        """
        policy = self.tags.get("p", "none")
        if domain != self.location:
            policy = self.tags.get("sp", policy)
            policy = policy if self.exists else self.tags.get("np", policy)
        if self.tags.get("t") == "y":
            policy = {"reject": "quarantine"}.get(policy, "none")
        return policy


@dataclass(frozen=True, slots=True)
class LogoAnswer(Answer):
    """What stands at the address (`name`) that a BIMI record gives for the logo."""

    problems: tuple[str, ...] = ()
    """Why receivers do not show it, in a few words each."""
    digest: str = ""
    """SHA-256 of the logo, unpacked."""


@dataclass(frozen=True, slots=True)
class CertificateAnswer(Answer):
    """What stands at the address (`name`) that a BIMI record gives for the mark certificate."""

    problems: tuple[str, ...] = ()
    """Why receivers do not take it, in a few words each; its dates apart."""
    starts: datetime | None = None
    expires: datetime | None = None
    digest: str = ""
    """SHA-256 of the logo in it, unpacked."""
    read_at: datetime | None = None
    """When this was looked at."""


NO_LOGO, NO_CERTIFICATE = LogoAnswer(ABSENT, ""), CertificateAnswer(ABSENT, "")
"""Where the BIMI record names none."""


@dataclass(frozen=True, slots=True)
class DomainAnswers:
    """What DNS says about the domain of an identity."""

    domain: str
    spf: SpfAnswer
    dkim: DkimAnswers
    dmarc: DmarcAnswer
    bimi: Answer
    logo: LogoAnswer = NO_LOGO
    certificate: CertificateAnswer = NO_CERTIFICATE
    mx: Answer = NOT_ASKED
    """Preferences and hosts; found without any where an address stands for the MX."""
    mta_sts: Answer = NOT_ASKED
    tls_rpt: Answer = NOT_ASKED
    organisation: str = ""
    """The domain below the public suffix."""
    reports: Answers = Answers()
    """Whether those who are to get DMARC reports and are of another organisation say that they take them."""
    exchangers: Answers = Answers()
    """The addresses of each mail exchanger."""
    dnssec: Answer = NOT_ASKED
    """With the record BOGUS where a resolver that validates finds nothing and another one does."""
    blocklists: Answers = Answers()
    """One for each list that is set; `alias` is the list, and the records are what it says."""

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"identity:{self.domain}"


@dataclass(frozen=True, slots=True)
class MailFromAnswers:
    """What DNS says about the custom MAIL FROM domain of an identity (setting dns.mail_from)."""

    domain: str
    mail_from: str
    organisation: str
    """Of the identity."""
    mail_from_organisation: str
    mx: Answer
    spf: SpfAnswer
    dmarc: DmarcAnswer
    """That of the identity, for its alignment."""
    regions: tuple[str, ...] = ()
    """From which the identity sent of late."""

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"identity:{self.domain}"


@dataclass(frozen=True, slots=True)
class AddressAnswers:
    """What DNS says about a sending IP address."""

    address: str
    reverse: Answer
    """The names of its PTR records."""
    is_confirmed: bool
    """Whether one of the names leads back to the address."""
    gap: str = ""
    """Why that cannot be said of some of them, or nothing."""
    blocklists: Answers = Answers()
    """As those of a domain."""

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"ip:{self.address}"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a tally that contributes most to its numerator."""

    dimension: str
    value: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of recipients over a window."""

    numerator: int = 0
    denominator: int = 0
    minimum: int = 1
    """Below this denominator nothing is said."""
    most_from: Share | None = None

    @property
    def gap(self) -> str:
        """Why nothing can be said, or nothing."""
        if not self.denominator:
            return NO_DATA
        return TOO_FEW if self.denominator < self.minimum else ""

    @property
    def rate(self) -> Rate:
        """The rate with its interval."""
        return Rate(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Traffic:
    """The mail of one account, identity, configuration set, tenant or mailbox provider over a window."""

    dimension: str
    value: str
    first_day: date
    last_day: date
    complaints: Tally = Tally()
    """Complaints of deliveries to providers that can complain, both by the day they happened."""
    permanent_bounces: Tally = Tally()
    """Permanent bounces of attempts, by the day of sending."""

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"{self.dimension}:{self.value}"


@dataclass(frozen=True, slots=True)
class ProviderTraffic:
    """The mail of an identity at one mailbox provider over a window."""

    identity: str
    isp: str
    first_day: date
    last_day: date
    complaints: Tally = Tally()

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"identity:{self.identity}"


@dataclass(frozen=True, slots=True)
class Questions:
    """What DNS is to be asked about."""

    domains: Sequence[str] = ()
    addresses: Sequence[str] = ()
    selectors: Mapping[str, Collection[str]] = field(default_factory=dict)
    """DKIM selectors that mail itself names, by domain; those of the settings come on top."""
    regions: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The regions that each domain sends from, by SES."""
    mail_from: Mapping[str, Collection[str]] = field(default_factory=dict)
    """What may be MAIL FROM domains of SES, by domain, as others saw it; those of the settings are certain."""
