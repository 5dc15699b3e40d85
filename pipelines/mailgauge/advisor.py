"""The advisor: gathers what the checks need, asks them, and keeps what they find in advisor.findings."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.checks import list_checks
from mailgauge.concerns import join_mail, read_concerns
from mailgauge.facts import (
    AddressAnswers,
    DomainAnswers,
    MailFromAnswers,
    NotCheckedError,
    ProviderTraffic,
    Questions,
    Traffic,
)
from mailgauge.findings import OPEN, Finding, is_judged, merge_findings, plain, sort_findings
from mailgauge.mail_reading import read_mail_facts, read_selectors
from mailgauge.postmaster_reading import read_mail_from, read_postmaster_facts
from mailgauge.recommendations import compare, keep_agreement, read_aws_findings, set_beside
from mailgauge.renames import rename_finding
from mailgauge.system_facts import SendingIp
from mailgauge.systems import read_system_facts
from mailgauge.traffic_reading import read_provider_traffic, read_traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from mailgauge.findings import Turn
    from mailgauge.kept_answers import Memory
    from mailgauge.mail_facts import MailFacts
    from mailgauge.postmaster_facts import PostmasterFacts
    from mailgauge.recommendations import AwsFinding
    from mailgauge.settings import Settings
    from mailgauge.system_facts import RegionFacts
    from mailgauge.warehouse import Warehouse

    DnsFact = DomainAnswers | MailFromAnswers | AddressAnswers
    Fact = DnsFact | Traffic | ProviderTraffic | MailFacts | RegionFacts | SendingIp | PostmasterFacts

SEEN_DAYS = 30
"""An identity that sent within so many days is looked up in DNS."""

NOT_ADVISED = "The advisor has not judged this day: run `mailgauge advise`."

_OF_DNS = {DomainAnswers, MailFromAnswers, AddressAnswers}

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
    checked: set[tuple[str, ...]] = field(default_factory=set)
    """What could be judged: check and resource, and the kind where facts are of a part of the resource."""
    gaps: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Why something could not be judged."""


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
    rename_findings(lake)
    facts = [
        *read_traffic(lake, day=day, minimum=settings.report.minimum_denominator),
        *read_provider_traffic(lake, day=day, minimum=settings.report.minimum_denominator),
        *read_mail_facts(lake, day),
        *read_system_facts(lake, settings, day),
        *read_postmaster_facts(lake, settings, day),
    ]
    traffic = judge(facts)
    questions = read_questions(lake, settings, day, domains, facts) if dns else Questions()
    answers = judge(look_up_again(lake, settings, questions, resolver, now))
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
    told = compare(read_aws_findings(lake), current, traffic.checked | answers.checked)
    kept = {"not_checked": json.dumps(not_checked), "aws": keep_agreement(told)}
    lake.insert("advisor.advice", [{"advised_at": now, "day": day, **kept}])
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
    said = judge(look_up(settings, Questions(list_domains(domains)), resolver))
    found = sorted(sort_findings(said.findings), key=lambda finding: finding.resource)
    return Advice(found, describe_gaps(said.gaps), len(found), 0, is_blind=not said.checked)


def judge(facts: Iterable[Fact]) -> Judgement:
    """Ask every check about every fact of its kind."""
    said = Judgement()
    for fact in facts:
        for check in list_checks():
            if not isinstance(fact, check.FACTS):
                continue
            part = (plain(fact.isp),) if isinstance(fact, ProviderTraffic) else ()
            key = (check.NAME, plain(fact.resource), *part)
            try:
                _require(fact, check.READS)
                said.findings += [_add_reply(finding, check.REPLY) for finding in check.check(fact)]
                said.checked.add(key)
            except NotCheckedError as error:
                said.gaps[key] = plain(str(error))
    return said


def _add_reply(finding: Finding, reply: str) -> Finding:
    """The finding with what receivers say to such mail in its evidence."""
    return replace(finding, evidence=finding.evidence | {"reply": reply}) if reply else finding


def _require(fact: Fact, reads: tuple[str, ...]) -> None:
    for name in reads:
        gap = getattr(fact, name).gap
        if gap:
            raise NotCheckedError(gap)


def look_up_again(
    lake: Warehouse, settings: Settings, questions: Questions, resolver: str | None, now: datetime
) -> list[DnsFact]:
    """Ask DNS about what earlier runs were not told, or what has not stayed good since."""
    from mailgauge.kept_answers import read_memory, write_memory  # noqa: PLC0415 (dnspython, as below)

    memory = read_memory(lake, resolver or settings.dns.resolver or "", now)
    found = look_up(settings, questions, resolver, memory)
    write_memory(lake, memory)
    return found


def look_up(
    settings: Settings, questions: Questions, resolver: str | None, memory: Memory | None = None
) -> list[DnsFact]:
    """Ask DNS about domains, their MAIL FROM domains, and dedicated IPs."""
    if not questions.domains and not questions.addresses:
        return []
    from mailgauge.domain_lookups import look_up_all  # noqa: PLC0415 (half a second that traffic alone does not need)

    return look_up_all(questions, settings.dns, resolver, memory)


def read_questions(
    lake: Warehouse, settings: Settings, day: date, domains: Sequence[str], facts: Iterable[object]
) -> Questions:
    """What DNS is to be asked: domains of identities and of From seen of late and of the settings, and IPs of pools."""
    regions = read_regions(lake, day)
    named = {*settings.dns.mail_from, *settings.dns.selectors} - {"*"}
    return Questions(
        domains=list_domains([*domains, *named, *regions, *read_from_domains(lake, day)]),
        addresses=[fact.address for fact in facts if isinstance(fact, SendingIp)],
        selectors=read_selectors(lake, day),
        regions=regions,
        mail_from=read_mail_from(lake, day),
    )


def list_domains(identities: Iterable[str]) -> list[str]:
    """The domains of identities, each once; that of an e-mail address is what stands behind its @."""
    domains = (identity.rpartition("@")[2].strip().rstrip(".").lower() for identity in identities)
    return sorted({domain for domain in domains if domain})


def read_regions(lake: Warehouse, day: date) -> dict[str, set[str]]:
    """The domains of the identities seen in the days up to `day`, and the regions of each."""
    rows = lake.rows(
        'select distinct identity, region from marts.daily where identity is not null and "day" between ? and ?',
        [day - timedelta(days=SEEN_DAYS - 1), day],
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for domain in list_domains([row["identity"]]):
            found[domain] |= {row["region"]} - {None}
    return dict(found)


def read_from_domains(lake: Warehouse, day: date) -> list[str]:
    """The From domains seen in the days up to `day`."""
    rows = lake.rows(
        'select distinct from_domain from marts.outcomes where from_domain is not null and "day" between ? and ?',
        [day - timedelta(days=SEEN_DAYS - 1), day],
    )
    return [row["from_domain"] for row in rows]


def read_findings(lake: Warehouse) -> list[Finding]:
    """Every finding of the warehouse, OPEN and FIXED."""
    rows = lake.rows("select * from advisor.findings")
    return [
        Finding(**row | {"evidence": json.loads(row["evidence"]), "reference_urls": tuple(row["reference_urls"])})
        for row in rows
    ]


def rename_findings(lake: Warehouse) -> None:
    """Give the findings of checks that became several the names of these."""
    renamed = [(old, new) for old in read_findings(lake) if (new := rename_finding(old)) is not old]
    if not renamed:
        return
    with lake.transaction():
        for old, _ in renamed:
            lake.execute(
                'delete from advisor.findings where "check" = ? and resource = ? and kind = ?',
                [old.check, old.resource, old.kind],
            )
        write_findings(lake, [new for _, new in renamed])


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
) -> dict[tuple[str, ...], str]:
    """Why findings stay OPEN that this run could not judge again."""
    asks_dns = {check.NAME for check in list_checks() if check.FACTS in _OF_DNS}
    gaps: dict[tuple[str, ...], str] = {} if dns else {("DNS", "any domain"): "look-ups are switched off"}
    for finding in current:
        key, is_of_dns = finding.key[:2], finding.check in asks_dns
        if is_judged(finding, traffic.checked | answers.checked) or key in answers.gaps or (is_of_dns and not dns):
            continue
        idle = f"not seen in the last {SEEN_DAYS} days" if is_of_dns else "no mail in the window"
        reason = traffic.gaps.get(key, traffic.gaps.get(finding.key, idle))
        gaps[key] = f"{reason}, so its finding stays open"
    return gaps


def describe_gaps(gaps: dict[tuple[str, ...], str]) -> list[str]:
    """One sentence for the topics that could not be checked for the same resources and reason, naming the first few."""
    topics = {check.NAME: check.TOPIC for check in list_checks()}
    names: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for (check, resource, *_), reason in sorted(gaps.items()):
        names[topics.get(check, check), reason][resource.partition(":")[2] or resource] = None
    together: defaultdict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for (topic, reason), those in sorted(names.items()):
        together[tuple(those), reason].append(topic)
    return [
        f"{join_words(said)} not checked for {_name_few(those)}: {reason}."
        for (those, reason), said in together.items()
    ]


def join_words(words: Sequence[str]) -> str:
    """Words as a sentence lists them."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _name_few(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
