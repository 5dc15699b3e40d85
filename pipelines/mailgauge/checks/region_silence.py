"""Looks at the regions of an account: one that sent on seven days running and has sent nothing since.

Behind a global endpoint a region can fall out without a single error, as the other one takes its share over.
"""

from __future__ import annotations

from mailgauge.findings import HIGH, Finding
from mailgauge.system_facts import RegionSilence

NAME = "region_silence"
TOPIC = "Regions"
FACTS = RegionSilence
READS = ()
REFERENCES = ("https://docs.aws.amazon.com/ses/latest/dg/global-endpoints.html",)
REPLY = ""

_REMEDY = (
    "See whether SES may send there: aws sesv2 get-account --region {region}. Look for its dumps: `mailgauge status` "
    "tells the newest event, and the event destination of each configuration set must exist in every region. Where "
    "the region was given up on purpose, nothing is wrong."
)


def check(facts: RegionSilence) -> list[Finding]:
    """Say that a region has gone silent."""
    if not facts.is_silent:
        return []
    return [
        Finding(
            check=NAME,
            resource=facts.resource,
            kind="silent",
            impact=HIGH,
            title=f"Region {facts.region} has sent nothing since {facts.last_day}.",
            evidence={
                "said": f"It had sent on seven days running; the newest mail of any region is of {facts.newest_day}.",
                "last_day": facts.last_day.isoformat(),
                "newest_day": facts.newest_day.isoformat(),
                "share_in_the_week_before_last": facts.share_before,
            },
            remedy=_REMEDY.format(region=facts.region),
            reference_urls=REFERENCES,
        )
    ]
