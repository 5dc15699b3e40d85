"""The advisor: gathers what the checks need, asks them, and keeps what they find in advisor.findings."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.checks import list_checks
from mailgauge.concerns import join_mail, read_concerns
from mailgauge.facts import AddressAnswers, DomainAnswers, NotCheckedError, Share, Tally, Traffic
from mailgauge.findings import OPEN, Finding, merge_findings, plain, sort_findings
from mailgauge.mail_reading import read_mail_facts
from mailgauge.recommendations import compare, read_aws_findings, set_beside
from mailgauge.system_facts import SendingIp
from mailgauge.systems import read_system_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from mailgauge.findings import Turn
    from mailgauge.mail_facts import MailFacts
    from mailgauge.recommendations import AwsFinding
    from mailgauge.settings import Settings
    from mailgauge.system_facts import RegionFacts
    from mailgauge.warehouse import Warehouse

    Fact = DomainAnswers | AddressAnswers | Traffic | MailFacts | RegionFacts | SendingIp

WINDOW_DAYS = 7
"""How many days of mail a rate is judged over, the last one being the day asked for."""

SEEN_DAYS = 30
"""An identity that sent within so many days is looked up in DNS."""

DIMENSIONS = {
    "account": "account_id",
    "identity": "identity",
    "configuration_set": "configuration_set",
    "tenant": "tenant",
    "isp": "isp",
}
"""The first word of a resource, and the column that it names a value of."""

NOT_ADVISED = "The advisor has not judged this day: run `mailgauge advise`."

NAMED = 5
"""How many resources a sentence about what was not checked names."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the advisor says."""

    findings: list[Finding]
    """All that are OPEN and not muted, HIGH first."""
    not_checked: list[str]
    """What could not be judged, in sentences."""
    opened: int
    """Findings that are new, or back."""
    fixed: int
    regressed: int = 0
    """Those that are back."""
    muted: int = 0
    """OPEN ones that are not shown."""
    is_blind: bool = False
    """Nothing at all could be checked."""
    aws: tuple[AwsFinding, ...] = ()
    """What AWS itself says now; that of a resource of a finding is in the finding's evidence, too."""


@dataclass(slots=True)
class Judgement:
    """What the checks said in this run."""

    findings: list[Finding] = field(default_factory=list)
    checked: set[tuple[str, str]] = field(default_factory=set)
    gaps: dict[tuple[str, str], str] = field(default_factory=dict)
    """Why a (check, resource) could not be judged."""


def advise(  # noqa: PLR0913 (what the command line can say)
    lake: Warehouse,
    settings: Settings,
    *,
    day: date,
    now: datetime,
    domains: Sequence[str] = (),
    dns: bool = True,
    resolver: str | None = None,
) -> Advice:
    """Run every check on the mail up to `day` and on the domains that sent it, and bring the findings up to date."""
    facts = [
        *read_traffic(lake, day=day, minimum=settings.report.minimum_denominator),
        *read_mail_facts(lake, day),
        *read_system_facts(lake, settings, day),
    ]
    traffic = judge(facts)
    names = list_domains([*domains, *read_identities(lake, day)]) if dns else []
    addresses = [fact.address for fact in facts if isinstance(fact, SendingIp)] if dns else []
    answers = judge(look_up(settings, names, resolver, addresses))
    stored, concerns = read_findings(lake), read_concerns(lake, day, facts)
    for said in (traffic, answers):
        said.findings = [join_mail(finding, concerns) for finding in said.findings]
    merged = merge_findings(stored, traffic.findings, traffic.checked, day=day, now=now)
    again = merge_findings(merged.findings, answers.findings, answers.checked, day=now.date(), now=now)
    changed = {finding.key: finding for finding in (*merged.changed, *again.changed)}
    with lake.transaction():
        write_findings(lake, list(changed.values()))
        write_turns(lake, [*merged.turns, *again.turns])
    current = [finding for finding in again.findings if finding.status == OPEN]
    not_checked = describe_gaps(answers.gaps | _find_stale(current, traffic, answers, dns=dns))
    lake.insert("advisor.advice", [{"advised_at": now, "day": day, "not_checked": json.dumps(not_checked)}])
    told = compare(read_aws_findings(lake), current, traffic.checked | answers.checked)
    shown = set_beside([finding for finding in current if not finding.is_muted(now)], told)
    return Advice(
        shown,
        not_checked,
        opened=merged.opened + again.opened,
        fixed=merged.fixed + again.fixed,
        regressed=merged.regressed + again.regressed,
        muted=len(current) - len(shown),
        aws=told,
    )


def read_not_checked(lake: Warehouse, day: date) -> list[str]:
    """What the newest advice for `day` could not judge, in sentences."""
    found = lake.value('select not_checked from advisor.advice where "day" = ? order by advised_at desc limit 1', [day])
    return [NOT_ADVISED] if found is None else list(json.loads(found))


def check_domains(settings: Settings, domains: Sequence[str], resolver: str | None = None) -> Advice:
    """Run the checks of DNS on `domains` alone; no warehouse is read or written."""
    said = judge(look_up(settings, list_domains(domains), resolver))
    found = sorted(sort_findings(said.findings), key=lambda finding: finding.resource)
    return Advice(found, describe_gaps(said.gaps), len(found), 0, is_blind=not said.checked)


def judge(facts: Iterable[Fact]) -> Judgement:
    """Ask every check about every fact of its kind."""
    said = Judgement()
    for fact in facts:
        for check in list_checks():
            if not isinstance(fact, check.FACTS):
                continue
            key = (check.NAME, plain(fact.resource))
            try:
                _require(fact, check.READS)
                said.findings += check.check(fact)
                said.checked.add(key)
            except NotCheckedError as error:
                said.gaps[key] = plain(str(error))
    return said


def _require(fact: Fact, reads: tuple[str, ...]) -> None:
    for name in reads:
        gap = getattr(fact, name).gap
        if gap:
            raise NotCheckedError(gap)


def look_up(
    settings: Settings, domains: Sequence[str], resolver: str | None, addresses: Sequence[str] = ()
) -> list[DomainAnswers | AddressAnswers]:
    """Ask DNS about domains and dedicated IPs."""
    if not domains and not addresses:
        return []
    from mailgauge.dns import look_up_all  # noqa: PLC0415 (half a second that traffic alone does not need)

    return look_up_all(domains, addresses, settings.dns, resolver)


def list_domains(identities: Iterable[str]) -> list[str]:
    """The domains of identities, each once; that of an e-mail address is what stands behind its @."""
    domains = (identity.rpartition("@")[2].strip().rstrip(".").lower() for identity in identities)
    return sorted({domain for domain in domains if domain})


def read_identities(lake: Warehouse, day: date) -> list[str]:
    """The identities seen in the days up to `day`."""
    rows = lake.rows(
        'select distinct identity from marts.daily where identity is not null and "day" between ? and ?',
        [day - timedelta(days=SEEN_DAYS - 1), day],
    )
    return [row["identity"] for row in rows]


_COMPLAINTS = "select *, complaints as numerator, feedback_deliveries as denominator from marts.daily_by_event_day"
_BOUNCES = "select * from metrics.permanent_bounce_rate"


def read_traffic(lake: Warehouse, *, day: date, minimum: int) -> Iterator[Traffic]:
    """The counts of every value of every dimension, over the window that ends with `day`."""
    since = day - timedelta(days=WINDOW_DAYS - 1)
    for dimension in DIMENSIONS:
        complaints = _read_tallies(lake, _COMPLAINTS, dimension, (since, day), minimum)
        bounces = _read_tallies(lake, _BOUNCES, dimension, (since, day), minimum)
        for value in sorted(complaints.keys() | bounces.keys()):
            none = Tally(minimum=minimum)
            yield Traffic(dimension, value, since, day, complaints.get(value, none), bounces.get(value, none))


def _read_tallies(
    lake: Warehouse, source: str, dimension: str, days: tuple[date, date], minimum: int
) -> dict[str, Tally]:
    """The tally of each value, with the part (mailbox provider, or identity of one) that gives most of it."""
    part = "identity" if dimension == "isp" else "isp"
    rows = lake.rows(
        f"""
        with parts as (
            select
                {DIMENSIONS[dimension]} as value,
                {part} as part,
                sum(numerator)::bigint as counted,
                sum(denominator)::bigint as of_all
            from ({source})
            where "day" between ? and ? and {DIMENSIONS[dimension]} is not null
            group by all
        )

        select
            *,
            sum(counted) over (partition by value)::bigint as numerator,
            sum(of_all) over (partition by value)::bigint as denominator
        from parts
        qualify row_number() over (partition by value order by counted desc nulls last, part) = 1
        """,
        list(days),
    )
    return {row["value"]: _make_tally(row, part, minimum) for row in rows}


def _make_tally(row: dict[str, Any], part: str, minimum: int) -> Tally:
    share = None
    if row["counted"] and row["part"] is not None:
        share = Share(part, row["part"], row["counted"], row["of_all"])
    return Tally(row["numerator"] or 0, row["denominator"] or 0, minimum, share)


def read_findings(lake: Warehouse) -> list[Finding]:
    """Every finding of the warehouse, OPEN and FIXED."""
    rows = lake.rows("select * from advisor.findings")
    return [
        Finding(**row | {"evidence": json.loads(row["evidence"]), "reference_urls": tuple(row["reference_urls"])})
        for row in rows
    ]


def write_findings(lake: Warehouse, findings: Sequence[Finding]) -> None:
    """Put `findings` in the place of those with the same key."""
    if not findings:
        return
    lake.execute("create or replace temp table changed_findings as select * from advisor.findings limit 0")
    lake.insert("changed_findings", [_make_row(finding) for finding in findings])
    lake.execute(
        """
        merge into advisor.findings as old
        using changed_findings as new
            on old."check" = new."check" and old.resource = new.resource and old.kind = new.kind
        when matched then update
        when not matched then insert
        """
    )
    lake.execute("drop table changed_findings")


def write_turns(lake: Warehouse, turns: Sequence[Turn]) -> None:
    """Keep what happened to findings."""
    names = ("check", "resource", "kind", "day", "impact", "title")
    lake.insert(
        "advisor.finding_history",
        [
            {name: getattr(turn.finding, name) for name in names}
            | {"happened": turn.happened, "happened_at": turn.happened_at, "note": turn.note}
            for turn in turns
        ],
    )


def _make_row(finding: Finding) -> dict[str, Any]:
    row = {name: getattr(finding, name) for name in Finding.__slots__}
    return row | {"evidence": json.dumps(finding.evidence), "reference_urls": list(finding.reference_urls)}


def _find_stale(
    current: Sequence[Finding], traffic: Judgement, answers: Judgement, *, dns: bool
) -> dict[tuple[str, str], str]:
    """Why findings stay OPEN that this run could not judge again."""
    asks_dns = {check.NAME for check in list_checks() if check.FACTS in {DomainAnswers, AddressAnswers}}
    gaps = {} if dns else {("DNS", "any domain"): "look-ups are switched off"}
    for key in (finding.key[:2] for finding in current):
        if key in traffic.checked | answers.checked or key in answers.gaps or (key[0] in asks_dns and not dns):
            continue
        idle = f"not seen in the last {SEEN_DAYS} days" if key[0] in asks_dns else "no mail in the window"
        gaps[key] = f"{traffic.gaps.get(key, idle)}, so its finding stays open"
    return gaps


def describe_gaps(gaps: dict[tuple[str, str], str]) -> list[str]:
    """One sentence for each check and reason, naming the first few resources."""
    together = defaultdict(list)
    for (check, resource), reason in sorted(gaps.items()):
        together[check, reason].append(resource.partition(":")[2] or resource)
    return [f"{check} not checked for {_name_few(names)}: {reason}." for (check, reason), names in together.items()]


def _name_few(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
