"""What AWS itself says now of the sender's identities and tenants, and our findings with AWS's word beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailgauge.findings import Finding, plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mailgauge.warehouse import Warehouse


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

    def as_evidence(self) -> dict[str, Any]:
        """What a finding of ours tells of it."""
        return {
            "kind": self.kind,
            "type": self.finding_type,
            "impact": self.impact,
            "message": self.message,
            "first_seen_at": f"{self.first_seen_at.isoformat()}Z",
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
