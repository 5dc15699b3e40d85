"""The mail that a finding concerns: how much of it there is, and how much was turned away for what the finding says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from mailgauge.checks import find_topic
from mailgauge.findings import plain
from mailgauge.mail_facts import IdentityMail
from mailgauge.mail_reading import read_mail

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from mailgauge.findings import Finding
    from mailgauge.warehouse import Warehouse

_AUTHENTICATION = {"DKIM", "DMARC", "From and envelope", "MAIL FROM", "SPF"}
"""The topics of what providers refuse mail for by name."""
_CAUSES = (
    "SPF does not pass", "DKIM does not pass", "no DMARC record", "From is not aligned", "not authenticated",
    "not authenticated as bulk senders must be",
)  # fmt: skip
"""How staging.policy_rules names it."""


@dataclass(frozen=True, slots=True)
class Concern:
    """The mail of a resource in seven days."""

    recipients: int = 0
    enforcing: int = 0
    """Of them at providers that refuse mail by rules for senders."""
    rejected: int = 0
    """Of them refused or delayed for want of authentication, as the provider says."""
    before: int = 0
    """Those of the seven days before."""

    def __add__(self, other: Concern) -> Concern:
        """Both together."""
        return Concern(
            self.recipients + other.recipients,
            self.enforcing + other.enforcing,
            self.rejected + other.rejected,
            self.before + other.before,
        )


def read_concerns(lake: Warehouse, day: date, facts: Iterable[object]) -> dict[str, Concern]:
    """The mail of each resource; a domain has that of its addresses, too."""
    found: defaultdict[str, Concern] = defaultdict(Concern)
    for row in read_mail(lake, "concerns", day):
        _add(found, row["dimension"], row["value"], Concern(row["recipients"], row["enforcing"]))
    for fact in facts:
        if isinstance(fact, IdentityMail):
            rules = [rule for rule in fact.rules if rule.meaning in _CAUSES]
            rejected = sum(rule.refused + rule.delayed for rule in rules)
            concern = Concern(rejected=rejected, before=sum(rule.before for rule in rules))
            _add(found, "identity", fact.identity, concern)
    return dict(found)


def _add(found: defaultdict[str, Concern], dimension: str, value: str, concern: Concern) -> None:
    names = {value, value.rpartition("@")[2].lower()} if dimension == "identity" else {value}
    for name in names:
        found[plain(f"{dimension}:{name}")] += concern


def join_mail(finding: Finding, concerns: dict[str, Concern]) -> Finding:
    """The finding with the mail it concerns in its evidence; what was turned away, where it says why."""
    concern = concerns.get(finding.resource)
    if concern is None:
        return finding
    told = asdict(concern)
    if find_topic(finding.check) not in _AUTHENTICATION:
        told = {"recipients": concern.recipients}
    return replace(finding, evidence=finding.evidence | {"mail": told})
