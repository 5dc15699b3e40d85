r"""A DNS record to publish: for a zone file, Route 53 or Terraform, with how to verify and how to undo it; pure.

>>> print(Record("_dmarc.shop.example", "v=DMARC1; p=none").as_zone())
_dmarc.shop.example. 300 IN TXT "v=DMARC1; p=none"
>>> print(Record("bounce.shop.example", "10 feedback-smtp.eu-west-1.amazonses.com.", kind="MX").steps())
Verify: dig +short MX bounce.shop.example prints 10 feedback-smtp.eu-west-1.amazonses.com.
Roll back: delete the record.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from mailgauge.findings import TEXT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mailgauge.facts import Answer
    from mailgauge.findings import Finding

FORMS = ("zone", "route53", "terraform")
TTL = 300
"""Seconds: short, so that a mistake does not stay long."""
_PLAIN = re.compile(r"[ !#-\[\]-~]+")
"""Printable ASCII without what has to be escaped in one place or another."""
_STRING_BYTES = 255
"""How much one string of a TXT record holds."""


@dataclass(frozen=True, slots=True)
class Record:
    """The record that a name should have, and what stands there now."""

    name: str
    value: str
    before: tuple[str, ...] = ()
    """What it replaces."""
    others: tuple[str, ...] = ()
    """Other records of the name and kind, which stay."""
    kind: str = "TXT"

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The record in a finding's evidence."""
        kind = told.get("type", "TXT")
        return cls(told["name"], told["value"], tuple(told["before"]), tuple(told["others"]), kind)

    def as_evidence(self) -> dict[str, Any] | None:
        """The record for a finding; None where what stands there is too long or too strange to be repeated."""
        texts = (self.name, self.value, *self.before, *self.others)
        if any(len(text) >= TEXT_LIMIT or not _PLAIN.fullmatch(text) for text in texts):
            return None
        before, others = list(self.before), list(self.others)
        return {"name": self.name, "type": self.kind, "value": self.value, "before": before, "others": others}

    def as_zone(self) -> str:
        """The line of a zone file."""
        return f"{self.name}. {TTL} IN {self.kind} {self._write(self.value)}"

    def as_change(self) -> dict[str, Any]:
        """The change of a Route 53 batch: it sets all records of the name and kind, so those that stay are in it."""
        values = [{"Value": self._write(text)} for text in (self.value, *self.others)]
        record = {"Name": f"{self.name}.", "Type": self.kind, "TTL": TTL, "ResourceRecords": values}
        return {"Action": "UPSERT", "ResourceRecordSet": record}

    def as_terraform(self) -> str:
        """A resource for Terraform's AWS provider, which quotes texts itself."""
        label = re.sub("[^a-z0-9_-]", lambda found: "__" if found[0] == "." else "_", self.name.lower())
        texts = [json.dumps(self._write(text, joint='""')) for text in (self.value, *self.others)]
        listed = ", ".join(texts).replace("${", "$${").replace("%{", "%%{")
        return "\n".join(
            [
                f'resource "aws_route53_record" "{self.kind.lower()}_{label}" {{',
                "  zone_id = var.zone_id",
                f'  name    = "{self.name}"',
                f'  type    = "{self.kind}"',
                f"  ttl     = {TTL}",
                f"  records = [{listed}]",
                "}",
            ]
        )

    def steps(self) -> str:
        """How to verify it, and how to undo it."""
        verify = f"Verify: dig +short {self.kind} {self.name} prints {self._write(self.value).rstrip('.')}."
        if not self.before:
            return f"{verify}\nRoll back: delete the record."
        texts = " and ".join(map(self._write, self.before))
        return f"{verify}\nRoll back: publish {texts} there again."

    def _write(self, text: str, joint: str = '" "') -> str:
        """A value as a zone file has it: a text in strings; Terraform wants them joined, without the outer quotes."""
        if self.kind != "TXT":
            return text
        inner = joint.join(_cut(text))
        return inner if joint == '""' else f'"{inner}"'


def propose(finding: Finding, answer: Answer, value: str | None, kind: str = "TXT") -> Finding:
    """The finding with the record to publish in its evidence and the steps in its remedy.

    Without, where there is none to propose, where it cannot be repeated, and where the name is an alias: then what it
    leads to is somebody else's, and no record may stand beside it.
    """
    if not value or value in answer.records or answer.alias:
        return finding
    record = Record(answer.name, value, answer.records, getattr(answer, "others", ()), kind)
    told = record.as_evidence()
    if not told:
        return finding
    remedy = f"{finding.remedy}\n{record.steps()}"
    return replace(finding, evidence=finding.evidence | {"publish": told}, remedy=remedy)


def list_records(findings: Iterable[Finding]) -> list[Record]:
    """The records that findings propose, the first for each name and kind: the next is made of what stands then."""
    found: dict[tuple[str, str], Record] = {}
    for finding in findings:
        if told := finding.evidence.get("publish"):
            record = Record.of(told)
            found.setdefault((record.name, record.kind), record)
    return list(found.values())


def show_records(records: Sequence[Record], form: str) -> str:
    """Records for a zone file, `aws route53 change-resource-record-sets --change-batch file://…`, or Terraform."""
    if form == "zone":
        return "\n".join(record.as_zone() for record in records)
    if form == "terraform":
        return "\n\n".join(record.as_terraform() for record in records)
    return json.dumps({"Comment": "mailgauge", "Changes": [record.as_change() for record in records]}, indent=2)


def _cut(text: str) -> list[str]:
    return [text[at : at + _STRING_BYTES] for at in range(0, len(text), _STRING_BYTES)] or [""]
