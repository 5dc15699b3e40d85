"""What the command line prints: results as sentences and tables; text from events is made harmless for a terminal."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mailgauge.page_words import turned_away_text
from mailgauge.rates import NO_DATA, Rate, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mailgauge.advisor import Advice
    from mailgauge.alerts import Alerted
    from mailgauge.expiry import Expired
    from mailgauge.findings import Finding
    from mailgauge.forgetting import Forgotten
    from mailgauge.gate import Verdict
    from mailgauge.housekeeping import Compacted
    from mailgauge.ingest import Ingested
    from mailgauge.marts import Built
    from mailgauge.status import Status

DEMO_NEXT = """Look around:
  mailgauge --warehouse {warehouse} metrics complaint_rate --by identity,isp
  mailgauge --warehouse {warehouse} sql "select * from marts.daily limit 10"
  mailgauge --warehouse {warehouse} status
The report, which opens in any browser:"""
"""What the demo suggests at its end."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_WIDEST = 60
_FIRST = 10


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, nothing elsewhere; yields a function to be told (done, of)."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 (only where there is a terminal to draw on)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("objects"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def spinner(what: str) -> Iterator[None]:
    """A sign of life on a terminal while a step runs, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 (only where there is a terminal to draw on)

    with Console(stderr=True).status(f"{what} …"):
        yield


def describe(result: Any) -> str:  # noqa: ANN401 (what any step returns)
    """The result of a step in sentences."""
    describers: dict[str, Callable[[Any], str]] = {
        "Ingested": describe_ingested,
        "Built": describe_built,
        "Verdict": describe_verdict,
        "Advice": describe_advice,
        "Alerted": describe_alerted,
        "Compacted": describe_compacted,
        "Expired": describe_expired,
        "Forgotten": describe_forgotten,
        "PosixPath": lambda path: f"Report: {path}",
    }
    return describers.get(type(result).__name__, str)(result)


def describe_ingested(done: Ingested) -> str:
    """What an ingest did; objects that could not be read are named."""
    if not done.objects:
        return "Ingest: nothing new, every object is loaded already."
    head = (
        f"Ingest: {done.records:,} records in {_count(done.objects, 'object')}: {done.loaded:,} loaded, "
        f"{_count(done.duplicates, 'duplicate')}, {done.quarantined:,} quarantined, "
        f"{_ignored(done.ignored)}"
        f"{_count(len(done.failed), 'object')} failed."
    )
    lines = [head, *(f"  failed, will be tried again: {plain(text)}" for text in done.failed[:_FIRST])]
    if len(done.failed) > _FIRST:
        lines.append(f"  and {len(done.failed) - _FIRST:,} more: see `mailgauge status`")
    if done.quarantined:
        lines.append("  why records were quarantined: mailgauge status")
    return "\n".join(lines)


def describe_built(built: Built) -> str:
    """What a build did."""
    if not built.outcomes and not built.is_full:
        return "Build: the marts are up to date."
    how = "from the start" if built.is_full else "of touched messages"
    return f"Build: {built.outcomes:,} outcomes computed {how}."


def describe_verdict(verdict: Verdict) -> str:
    """What the gate said, warnings included."""
    warnings = [f"  warning: {failure.sentence}" for failure in verdict.warnings]
    how = f" with {_count(len(warnings), 'warning')}" if warnings else ""
    return "\n".join([f"Gate: passed{how}.", *warnings])


_AGREEMENT = {"agree": " We agree.", "disagree": " We looked, and do not find it.", "not judged": ""}


def describe_advice(advice: Advice) -> str:
    """How many findings there are, how that changed, and what could not be judged."""
    high = sum(finding.impact == "HIGH" for finding in advice.findings)
    head = (
        f"Advice: {_count(len(advice.findings), 'open finding')}, {high:,} of high impact; "
        f"{advice.opened - advice.regressed:,} new, {advice.fixed:,} fixed"
        + (f", {advice.regressed:,} back after being fixed" if advice.regressed else "")
        + (f"; {advice.muted:,} muted (`mailgauge findings` shows them)." if advice.muted else ".")
    )
    ours = {finding.resource for finding in advice.findings}
    alone = [
        f"  AWS alone says of {one.resource}, since {one.first_seen_at:%Y-%m-%d}: "
        f"{one.message}{_AGREEMENT[one.agreement]}"
        for one in advice.aws
        if one.resource not in ours
    ]
    return "\n".join([head, *(f"  {plain(sentence)}" for sentence in advice.not_checked), *map(plain, alone)])


def describe_finding(finding: Finding) -> str:
    """A finding as a person reads it on a terminal: what, of what, how it was seen, what to do."""
    since = f", since {finding.first_seen_at:%Y-%m-%d}" if finding.first_seen_at else ""
    if finding.regressed_at:
        since += f", back on {finding.regressed_at:%Y-%m-%d} after it was fixed"
    seen = _say_evidence(finding.evidence)
    lines = [
        f"{finding.impact:<4}  {plain(finding.title)}",
        f"      {plain(finding.resource)} ({finding.check}{since})",
        *([f"      {plain(seen)}"] if seen else []),
        *([f"      Receivers say: {plain(reply)}"] if (reply := finding.evidence.get("reply")) else []),
        *([f"      {mail}"] if (mail := turned_away_text(finding.evidence.get("mail", {}))) else []),
        *(
            f"      AWS says, since {one['first_seen_at'][:10]}: {plain(one['message'])}{_AGREEMENT[one['agreement']]}"
            for one in _list_aws(finding)
        ),
        *(f"      {plain(line)}" for line in finding.remedy.splitlines()),
    ]
    return "\n".join(lines)


_COLORS = {"HIGH": "red", "LOW": "yellow"}


def color_findings(findings: Sequence[Finding]) -> list[str]:
    """Findings for a terminal, the impact of each in its color; what is no terminal gets none."""
    import typer  # noqa: PLC0415 (the command line has it)

    return [
        typer.style(finding.impact, fg=_COLORS.get(finding.impact), bold=True)
        + describe_finding(finding).removeprefix(finding.impact)
        for finding in findings
    ]


def group_findings(findings: Sequence[Finding]) -> list[str]:
    """The same, one domain after the other under its name, and in each what is about the same topic together."""
    import typer  # noqa: PLC0415 (the command line has it)

    from mailgauge.checks import find_topic  # noqa: PLC0415 (most commands need no checks)

    told: list[str] = []
    for resource, those in groupby(findings, key=lambda finding: finding.resource):
        group = list(those)
        impacts = [(impact, sum(one.impact == impact for one in group)) for impact in ("HIGH", "LOW")]
        counts = ", ".join(f"{count} of {impact.lower()} impact" for impact, count in impacts if count)
        name = plain(resource.partition(":")[2])
        told.append(f"{typer.style(name, bold=True)}: {counts}")
        first = {find_topic(one.check): place for place, one in reversed(list(enumerate(group)))}
        told += color_findings(sorted(group, key=lambda one: first[find_topic(one.check)]))
    return told


def narrow_finding(row: dict[str, Any]) -> dict[str, Any]:
    """A finding in a table that fits a terminal: what is to be known of its state in a few words, and dates alone."""
    dated = {"muted": ("muted until", "muted_until"), "fixed": ("fixed", "fixed_at")}
    state = row["state"]
    if state in dated:
        said, when = dated[state]
        state = f"{said} {row[when]:%Y-%m-%d}"
    return {
        "since": f"{row['first_seen_at']:%Y-%m-%d}",
        "state": state,
        **{name: row[name] for name in ("impact", "check", "kind", "resource", "title")},
    }


def narrow_turn(row: dict[str, Any]) -> dict[str, Any]:
    """What happened to a finding, its time without what nobody reads."""
    return row | {"happened_at": f"{row['happened_at']:%Y-%m-%d %H:%M}", "note": row["note"] or ""}


def _list_aws(finding: Finding) -> list[dict[str, Any]]:
    """What AWS says of the same resource."""
    return finding.evidence.get("aws") or []


def _say_evidence(evidence: dict[str, Any]) -> str:
    if "said" in evidence:
        return str(evidence["said"])
    if "numerator" in evidence:
        rate = Rate(evidence["numerator"], evidence["denominator"])
        between = " to ".join(percent(end) for end in rate.interval or ())
        interval = f"; 95 % interval {between}" if between else ""
        return f"{rate.words()} ({rate.numerator:,} of {rate.denominator:,}{interval})"
    records = evidence.get("records") or ["no record"]
    wrong = f" ({evidence['error']})" if evidence.get("error") else ""
    return f"{evidence['name']}: {' | '.join(records)}{wrong}" if "name" in evidence else ""


def describe_alerted(done: Alerted, *, is_dry_run: bool = False) -> str:
    """Which incidents changed and which mails went out; in a dry run, the mails themselves."""
    counts = {"opened": len(done.opened), "still open": len(done.updated), "closed": len(done.closed)}
    said = ", ".join(f"{_count(number, 'incident')} {state}" for state, number in counts.items() if number)
    sent = f"{_count(len(done.mails), 'mail')} {'would be sent (dry run)' if is_dry_run else 'sent'}"
    lines = [f"Alert: {said or 'no incident is open'}; {sent}."]
    lines += [f"  {plain(sentence)}" for sentence in (*done.unjudged, done.warning) if sentence]
    if not is_dry_run:
        return "\n".join([*lines, *(f"  mail: {plain(mail['Subject'])}" for mail in done.mails)])
    from mailgauge.mails import render_dry_run  # noqa: PLC0415 (templates, which only mails need)

    return "\n".join([*lines, *(f"\n{render_dry_run(mail)}" for mail in done.mails)])


def describe_compacted(done: Compacted) -> str:
    """How many files became how many, and what that freed."""
    freed = done.bytes_before - done.bytes_after
    head = (
        f"Compact: {_count(done.files_before, 'file')} → {_count(done.files_after, 'file')}, "
        f"{_count(done.snapshots, 'old snapshot')} ended, {_count(done.removed, 'file')} removed, "
        f"{abs(freed) / 1e6:,.1f} MB {'freed' if freed >= 0 else 'more for now'}."
    )
    lines = [head]
    if done.waiting:
        lines.append(f"  {_count(done.waiting, 'file')} kept for those who may be reading: a later run removes them")
    return "\n".join(lines)


def describe_expired(done: Expired) -> str:
    """What an expiry took out."""
    return (
        f"Expire: {_count(done.messages, 'message')} sent before {done.before_day} taken out with "
        f"{_count(done.event_rows, 'row')} of events, {_count(done.stream_rows, 'row')} of other streams and "
        f"{_count(done.quarantined, 'quarantined record')}; their counts stay. "
        "The disk is freed as old snapshots end: `mailgauge compact`."
    )


def describe_forgotten(done: Forgotten) -> str:
    """What was taken out, the proof, and where the person still is; never the address."""
    lines = [
        (
            f"Forget: {_count(done.event_rows, 'event')} of {_count(done.messages, 'message')} and "
            f"{_count(done.stream_rows, 'row')} of other streams taken out; replaced in "
            f"{_count(done.quarantined, 'quarantined record')} and {_count(done.texts, 'other text')}."
        ),
        f"  no trace of it left in {_count(done.files, 'file')}; older snapshots are gone",
    ]
    if done.objects:
        lines.append("  The dumps still hold it, and bring it back where they change or go into a new warehouse:")
    lines += [f"    {plain(uri)}" for uri in done.objects[:_FIRST]]
    if len(done.objects) > _FIRST:
        lines.append(f"    and {len(done.objects) - _FIRST:,} more")
    return "\n".join(lines)


def describe_status(status: Status, now: datetime) -> str:
    """The state of the warehouse, a line each."""
    newest = f"{_age(status.newest_event_at, now)}" if status.newest_event_at else NO_DATA
    lines = [
        f"objects      {status.objects_loaded:,} loaded, {status.objects_failed:,} failed",
        f"records      {status.records:,}: {status.loaded:,} loaded, {_rest(status)}",
        f"events       {status.event_rows:,} (one per event and recipient)",
        f"sends        {status.sends:,} recipients, {_say_unseen(status)}",
        f"newest event {newest}",
        f"last ingest  {_age(status.last_ingest_at, now) if status.last_ingest_at else 'never'}",
        f"last build   {_age(status.last_build_at, now) if status.last_build_at else 'never'}"
        + (f", {_count(status.unbuilt_objects, 'object')} since" if status.unbuilt_objects else ""),
        f"snapshot     {status.snapshot}, of {_count(status.files, 'file')}",
    ]
    lines += [f"failed       {plain(row['object_uri'])}: {plain(row['error'])}" for row in status.failed]
    lines += [f"quarantine   {_count(row['records'], 'record')}: {plain(row['reason'])}" for row in status.reasons]
    lines += [f"WRONG        {text}" for text in status.disagreements] or ["sums         agree"]
    return "\n".join(lines)


def _ignored(count: int) -> str:
    """Housekeeping of SNS and SES, where there is any."""
    return f"{count:,} ignored, " if count else ""


def _say_unseen(status: Status) -> str:
    if not status.sends_unseen_share:
        return "none unseen"
    return f"{status.sends_unseen:,} more unseen ({percent(status.sends_unseen_share)}): feedback, no Send"


def _rest(status: Status) -> str:
    ignored = f" ({status.ignored:,} ignored beside them)" if status.ignored else ""
    return f"{_count(status.duplicates, 'duplicate')}, {status.quarantined:,} quarantined{ignored}"


def show_rows(rows: Sequence[dict[str, Any]], output: str, *, percents: Sequence[str] = ()) -> str:
    """Rows as a table, as JSON or as CSV; in a table the columns `percents` are shown as such."""
    if output == "json":
        return as_json(list(rows))
    if output == "csv":
        return _as_csv(rows)
    return _as_table(rows, percents)


def show_explained(rows: Sequence[dict[str, Any]]) -> str:
    """A line a row: what it is called, and what it is, in full."""
    *names, _ = rows[0]
    widths = {name: max(len(row[name]) for row in rows) for name in names}
    return "\n".join("  ".join([*(row[name].ljust(widths[name]) for name in names), row["what"]]) for row in rows)


def as_json(value: Any) -> str:  # noqa: ANN401 (anything JSON can hold)
    """JSON for programs: times as ISO 8601 with Z, anything else JSON does not know as text."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_as_json_text)


def plain(text: object) -> str:
    """Text from strangers on one line, without control characters, so that it cannot drive a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in str(text))


def _as_json_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _as_csv(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    out = io.StringIO()
    plain_writer = csv.writer(out, lineterminator="\n")
    careful_writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in [dict(zip(rows[0], rows[0], strict=True)), *rows]:
        cells = [_defuse(_as_json_text(value) if isinstance(value, date) else value) for value in row.values()]
        # The other one leaves a carriage return bare, where readers see the end of a line.
        has_return = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (careful_writer if has_return else plain_writer).writerow(cells)
    return out.getvalue().removesuffix("\n")


def _defuse(value: Any) -> Any:  # noqa: ANN401 (any SQL value)
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _as_table(rows: Sequence[dict[str, Any]], percents: Sequence[str]) -> str:
    if not rows:
        return "no rows"
    names = list(rows[0])
    cells = [[_cell(row[name], is_share=name in percents) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) for i, name in enumerate(names)]
    numeric = [all(isinstance(row[name], int | float | None) for row in rows) for name in names]
    lines = [names, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: Any, *, is_share: bool) -> str:  # noqa: ANN401 (any SQL value)
    if value is None:
        return NO_DATA if is_share else ""
    if is_share:
        return percent(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = plain(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _age(moment: datetime, now: datetime) -> str:
    hours = (now - moment).total_seconds() / 3600
    if hours < 0:
        return f"{moment:%Y-%m-%d %H:%M} UTC (in the future)"
    if hours < 1:
        return f"{moment:%Y-%m-%d %H:%M} UTC (within the hour)"
    ago = _count(round(hours), "hour") if hours < 48 else f"{hours / 24:.0f} days"  # noqa: PLR2004 (two days)
    return f"{moment:%Y-%m-%d %H:%M} UTC ({ago} ago)"
