"""Answers of DNS blocklists (RFC 5782) as the checks judge them; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.facts import FOUND
from mailgauge.findings import HIGH, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.facts import Answer

REFERENCES = ("https://www.rfc-editor.org/rfc/rfc5782",)


def find_listed(check: str, resource: str, name: str, answers: Sequence[Answer]) -> list[Finding]:
    """A finding for each list that has the name; what a list says of it is in the evidence."""
    return [
        Finding(
            check=check,
            resource=resource,
            kind=answer.alias,
            impact=HIGH,
            title=f"{name} is on the blocklist {answer.alias}.",
            evidence={"name": answer.name, "records": list(answer.records[:10])},
            remedy=(
                f"Read on the page of {answer.alias} why, mend the cause, then ask for delisting there. Where the "
                "address is Amazon's, write to AWS Support."
            ),
            reference_urls=REFERENCES,
        )
        for answer in answers
        if answer.state == FOUND
    ]
