r"""A call of the AWS command line that mends a finding, with how to verify and how to undo it; pure.

>>> print(call("put-email-identity-dkim-attributes", email_identity="shop.example", signing_enabled=True))
aws sesv2 put-email-identity-dkim-attributes --email-identity shop.example --signing-enabled
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailgauge.findings import Finding

FORM = "ses"


def call(operation: str, *, service: str = "sesv2", **options: str | bool | tuple[str, ...]) -> str:
    """The line for a shell; an option that is True stands alone, one that is False with `no-` before it."""
    words = ["aws", service, operation]
    for name, value in options.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        else:
            words += [f"--{option}", *map(shlex.quote, (value,) if isinstance(value, str) else value)]
    return " ".join(words)


def propose_call(finding: Finding, run: str, *, verify: str, undo: str) -> Finding:
    """The finding with the call in its evidence and the steps in its remedy; nothing of it where a name is strange."""
    if not run.isascii() or not run.isprintable():
        return finding
    told = {"run": run, "verify": verify, "undo": undo}
    remedy = f"{finding.remedy}\nRun: {run}\nVerify: {verify}\nRoll back: {undo}"
    return replace(finding, evidence=finding.evidence | {"call": told}, remedy=remedy)


def suppress(finding: Finding) -> Finding:
    """The finding with the call that puts bounces and complaints on the account's suppression list."""
    return propose_call(
        finding,
        call("put-account-suppression-attributes", suppressed_reasons=("BOUNCE", "COMPLAINT")),
        verify=f"{call('get-account', query='SuppressionAttributes')} prints both.",
        undo="the same with the reasons that it printed before.",
    )


def show_calls(findings: Iterable[Finding]) -> str:
    """The calls that findings propose as lines of a shell script, each once, under what they are for."""
    told: dict[str, list[str]] = {}
    for finding in findings:
        if found := finding.evidence.get("call"):
            told.setdefault(found["run"], []).append(f"{finding.title} ({finding.resource})")
    return "\n".join(line for run, reasons in told.items() for line in [*(f"# {reason}" for reason in reasons), run])
