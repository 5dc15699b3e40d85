"""What AWS itself says now of the sender's identities and tenants, and our findings with AWS's word beside them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailgauge.checks import list_checks
from mailgauge.findings import Finding, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from mailgauge.warehouse import Warehouse


AGREE, DISAGREE, NOT_JUDGED = "agree", "disagree", "not judged"

_TOPICS = {
    "DKIM": "DKIM",
    "DMARC": "DMARC",
    "SPF": "SPF",
    "MAIL FROM": "MAIL FROM",
    "BIMI": "BIMI",
    "COMPLAINT": "Complaints",
    "BOUNCE": "Bounces",
}
"""The topic of our checks for what AWS calls so, in a type or in a message."""
_BESIDE = {"SPF": ("SPF", "MAIL FROM"), "MAIL FROM": ("SPF", "MAIL FROM")}
"""AWS says SPF of what stands at the MAIL FROM domain, too."""


@dataclass(frozen=True, slots=True)
class AwsFinding:
    """Something that AWS says of a resource: a recommendation, or that it may not send."""

    resource: str
    """As in our findings."""
    kind: str
    """recommendation or sending_status."""
    finding_type: str | None
    impact: str | None
    message: str
    first_seen_at: datetime
    agreement: str = NOT_JUDGED
    """Whether our checks say the same: AGREE, DISAGREE, or NOT_JUDGED where none of them looked at that."""

    def as_evidence(self) -> dict[str, Any]:
        """What a finding of ours tells of it."""
        return {
            "kind": self.kind,
            "type": self.finding_type,
            "impact": self.impact,
            "message": self.message,
            "first_seen_at": f"{self.first_seen_at.isoformat()}Z",
            "agreement": self.agreement,
        }


def read_aws_findings(lake: Warehouse) -> tuple[AwsFinding, ...]:
    """All that AWS says now, by resource; its texts are made fit to show."""
    rows = lake.rows(
        """
        select resource, kind, finding_type, impact, message, first_seen_at
        from marts.aws_findings
        order by resource, kind, message
        """
    )
    return tuple(
        AwsFinding(**row | {"resource": plain(row["resource"]), "message": plain(row["message"])}) for row in rows
    )


def compare(
    told: Iterable[AwsFinding], findings: Collection[Finding], checked: Collection[tuple[str, ...]]
) -> tuple[AwsFinding, ...]:
    """AWS's words, each with whether our open findings say the same or our checks found nothing of it."""
    return tuple(replace(one, agreement=_judge(one, findings, checked)) for one in told)


def keep_agreement(told: Iterable[AwsFinding]) -> str:
    """What `compare` found, as advisor.advice keeps it for pages that are made later."""
    return json.dumps([[*_name(one), one.agreement] for one in told])


def recall_agreement(lake: Warehouse, told: Iterable[AwsFinding]) -> tuple[AwsFinding, ...]:
    """AWS's words, each with what the newest run of the advisor found of it; NOT_JUDGED what AWS said since."""
    kept = lake.value("select aws from advisor.advice order by advised_at desc limit 1")
    found = {tuple(name): agreement for *name, agreement in json.loads(kept or "[]")}
    return tuple(replace(one, agreement=found.get(_name(one), NOT_JUDGED)) for one in told)


def _name(one: AwsFinding) -> tuple[str, str, str]:
    return one.resource, one.kind, one.message


def _judge(one: AwsFinding, findings: Collection[Finding], checked: Collection[tuple[str, ...]]) -> str:
    said = f"{one.finding_type or ''} {one.message}".upper()
    told = {topic for word, topic in _TOPICS.items() if re.search(rf"\b{word}", said)}
    topics = {each for topic in told for each in _BESIDE.get(topic, (topic,))}
    checks = {check.NAME for check in list_checks() if check.TOPIC in topics}
    if any(finding.check in checks and finding.resource == one.resource for finding in findings):
        return AGREE
    return DISAGREE if any((check, one.resource) in checked for check in checks) else NOT_JUDGED


def set_beside(findings: Iterable[Finding], told: Iterable[AwsFinding]) -> list[Finding]:
    """Our findings, each with what AWS says of the same resource in its evidence, under `aws`."""
    by_resource: dict[str, list[dict[str, Any]]] = {}
    for one in told:
        by_resource.setdefault(one.resource, []).append(one.as_evidence())
    return [
        replace(finding, evidence=finding.evidence | {"aws": by_resource[finding.resource]})
        if finding.resource in by_resource
        else finding
        for finding in findings
    ]
