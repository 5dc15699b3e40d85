"""What the checks judge of mail: by identity, configuration set, mailbox provider; plain facts without a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class RuleRejects:
    """Recipients at a provider who were refused, or delayed, by a rule of it for senders."""

    policy_rule: str
    isp: str
    meaning: str
    refused: int
    delayed: int
    before: int
    """Both, in the seven days before."""
    attempts: int
    """All recipients there."""
    attempts_before: int
    """And in the seven days before."""


@dataclass(frozen=True, slots=True)
class HeaderCounts:
    """What the header List-Unsubscribe of mail says (`unsubscribe_header` of raw.events), by configuration set."""

    by_set: tuple[tuple[str | None, Mapping[str, int]], ...] = ()

    @property
    def gap(self) -> str:
        """Why nothing can be said, or nothing."""
        return "" if self.known else "no Send event of it carries headers"

    @property
    def known(self) -> int:
        """Recipients of mail whose headers are known."""
        return sum(sum(headers.values()) for _, headers in self.by_set)

    def count(self, header: str) -> int:
        """Recipients of mail with such a header."""
        return sum(headers.get(header, 0) for _, headers in self.by_set)


@dataclass(frozen=True, slots=True)
class IdentityMail:
    """The mail of an identity in the seven days up to `until` (sql/mail/identity_*.sql)."""

    identity: str
    until: date
    sends: int = 0
    suppressed: int = 0
    rendering_failures: int = 0
    rejects: int = 0
    rule_deliveries: int = 0
    """At providers with rules for senders."""
    rule_tls_deliveries: int = 0
    """Those of them that tell a version of TLS."""
    after_opt_out: int = 0
    after_complaint: int = 0
    after_bounce: int = 0
    rules: tuple[RuleRejects, ...] = ()
    from_domains: tuple[tuple[str | None, int], ...] = ()
    """With the recipients of each, most first."""
    tenants: tuple[tuple[str | None, int], ...] = ()
    headers: HeaderCounts = HeaderCounts()
    envelopes: tuple[tuple[str | None, int], ...] = ()
    """Domains of the envelope sender, with their recipients, most first."""
    signatures: tuple[tuple[str, tuple[str, ...], int], ...] = ()
    """From domains of mail that the sender itself signed, the domains of those signatures, and the recipients."""
    published: int = 0
    """Bounces, complaints and deliveries that came as published events."""
    notifications: int = 0
    """And as feedback notifications."""

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"identity:{self.identity}"


@dataclass(frozen=True, slots=True)
class SetEvents:
    """What the events of a configuration set tell of 30 days (sql/mail/configuration_sets.sql)."""

    configuration_set: str
    until: date
    sends: int = 0
    sends_unseen: int = 0
    deliveries: int = 0
    bounces: int = 0
    complaints: int = 0
    feedback_deliveries: int = 0
    others_sends: int = 0
    """Of the other configuration sets of the same identities."""
    others_bounces: int = 0
    others_complaints: int = 0
    others_feedback_deliveries: int = 0

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"configuration_set:{self.configuration_set}"


@dataclass(frozen=True, slots=True)
class ProviderMail:
    """The mail to a mailbox provider in the seven days up to `until` (sql/mail/providers.sql)."""

    isp: str
    until: date
    attempts: int = 0
    delayed: int = 0
    most_delay_reason: str | None = None
    expired: int = 0
    blocked: int = 0

    @property
    def resource(self) -> str:
        """What a finding is about."""
        return f"isp:{self.isp}"


MailFacts = IdentityMail | SetEvents | ProviderMail
