"""What a person does with findings: look at all of them and at what happened to them, mute them, bring them back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailgauge.advisor import read_findings, write_findings, write_turns
from mailgauge.errors import UsageError
from mailgauge.findings import MUTED, OPEN, UNMUTED, Finding, Turn, plain, sort_findings

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.warehouse import Warehouse


def mute(  # noqa: PLR0913 (what a mute says)
    lake: Warehouse,
    check: str,
    resource: str,
    *,
    until: datetime,
    reason: str,
    now: datetime,
    kind: str | None = None,
) -> list[Finding]:
    """Show the findings of a check on a resource, or of one kind of them, no more until then."""
    if until <= now:
        raise UsageError(f"{until:%Y-%m-%d} is not to come: name the day from which the finding is shown again.")
    if not reason.strip():
        raise UsageError("Say why with --reason: whoever comes next will ask.")
    why = plain(reason.strip())
    found = [replace(one, muted_until=until, mute_reason=why) for one in _choose(lake, check, resource, kind)]
    _write(lake, found, MUTED, now, f"until {until:%Y-%m-%d}: {why}")
    return found


def unmute(lake: Warehouse, check: str, resource: str, *, now: datetime, kind: str | None = None) -> list[Finding]:
    """Show them again at once."""
    chosen = _choose(lake, check, resource, kind)
    found = [replace(one, muted_until=None, mute_reason=None) for one in chosen if one.is_muted(now)]
    _write(lake, found, UNMUTED, now)
    return found


def _choose(lake: Warehouse, check: str, resource: str, kind: str | None) -> list[Finding]:
    findings = read_findings(lake)
    wanted = (check, plain(resource))
    found = [one for one in findings if one.key[:2] == wanted and kind in {None, one.kind}]
    if not found:
        known = sorted({one.resource for one in findings if one.check == check and one.status == OPEN})
        among = f" {check} has them on {', '.join(known[:5])}" if known else ""
        raise UsageError(
            f"There is no finding of {plain(check)} on {plain(resource)}{f' of kind {plain(kind)}' if kind else ''}:"
            f"{among or ' `mailgauge findings` lists all there are'}."
        )
    return found


def _write(lake: Warehouse, findings: list[Finding], happened: str, now: datetime, note: str | None = None) -> None:
    with lake.transaction():
        write_findings(lake, findings)
        write_turns(lake, [Turn(one, happened, now, note) for one in findings])


def list_findings(lake: Warehouse, *, now: datetime, all_of_them: bool = False) -> list[dict[str, Any]]:
    """The open findings, muted ones too; those that are fixed where `all_of_them`."""
    found = [one for one in sort_findings(read_findings(lake)) if all_of_them or one.status == OPEN]
    return [
        {
            "check": one.check,
            "resource": one.resource,
            "kind": one.kind,
            "impact": one.impact,
            "state": _name_state(one, now),
            "title": one.title,
            "first_seen_at": one.first_seen_at,
            "last_seen_at": one.last_seen_at,
            "fixed_at": one.fixed_at,
            "muted_until": one.muted_until if one.is_muted(now) else None,
            "mute_reason": one.mute_reason if one.is_muted(now) else None,
        }
        for one in found
    ]


def _name_state(finding: Finding, now: datetime) -> str:
    if finding.status != OPEN:
        return "fixed"
    if finding.is_muted(now):
        return "muted"
    return "regressed" if finding.regressed_at else "open"


def read_history(lake: Warehouse, resource: str | None = None) -> list[dict[str, Any]]:
    """What happened to all findings, or to those on a resource, oldest first."""
    return lake.rows(
        """
        select happened_at, happened, "check", resource, kind, impact, title, note
        from advisor.finding_history
        where resource = coalesce($resource, resource)
        order by happened_at, "check", resource, kind
        """,
        {"resource": resource and plain(resource)},
    )
