"""The command line: reads arguments, calls the steps, prints what they return."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailgauge import asking
from mailgauge.arguments import Day, choose_output, keep_arguments, parse_day, read_settings
from mailgauge.errors import MailgaugeError, UsageError

if TYPE_CHECKING:
    from mailgauge.advisor import Advice

app = typer.Typer(
    help="Deliverability analytics for Amazon SES, from your own event stream.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line; an error is one sentence on stderr and an exit status, never a traceback."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # so that what cannot be written is told here, and not by Python as it ends
    except MailgaugeError as error:
        _fail(str(error), error.exit_status)
    except BrokenPipeError:  # whoever read our output has enough of it
        _drop_output()
        sys.exit(1)
    except OSError as error:
        _drop_output()
        _fail(f"{error.filename or 'The output'}: {error.strerror or error}.", 1)
    except MemoryError:
        _fail("The memory is not enough: ask for less at once.", 1)


def _drop_output() -> None:
    """Whatever is still to be written has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str, status: int) -> None:
    typer.echo(f"mailgauge: {sentence}", err=True)
    sys.exit(status)


Sources = Annotated[
    list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Folders, globs, files or s3://BUCKET/PREFIX.")
]
Manifests = Annotated[
    list[Path] | None,
    typer.Option(
        "--manifest", metavar="FILE", help="Load the objects that S3's notifications in it name. May be repeated."
    ),
]


@app.callback()
def configure(
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Settings; ./mailgauge.toml by default.")] = None,
    warehouse: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder of the warehouse.")] = None,
) -> None:
    """Read the settings before any command runs."""
    keep_arguments(config, {"warehouse": warehouse} if warehouse else {})


@app.command()
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the demo puts everything.")] = Path("demo"),
    messages: Annotated[int, typer.Option(min=1, help="How many messages the sender sends.")] = 20_000,
) -> None:
    """Run the night on a simulated sender's week.

    It asks no DNS and sends no mail; the last line is the path of the report.

    Example: mailgauge demo
    """
    from mailgauge import demos

    demos.run_demo(out, messages=messages, say=typer.echo)


@app.command()
def ingest(
    sources: Sources = None,
    manifests: Manifests = None,
    everything: Annotated[  # noqa: FBT002 (a flag)
        bool, typer.Option("--all", help="List S3 sources whole, also folders of days long over.")
    ] = False,
    recover_failed: Annotated[  # noqa: FBT002 (a flag)
        bool, typer.Option("--recover-failed", help="Load also what Firehose put into folders named …-failed.")
    ] = False,
) -> None:
    """Load objects that are not loaded yet.

    Example: mailgauge ingest /dumps/ses '/archive/2026/**/*.gz' s3://ses-events/dumps/
    """
    from mailgauge import steps, words

    with words.progress_bar("Ingesting") as progress:
        done = steps.ingest(
            read_settings(),
            sources or (),
            manifests=manifests or (),
            everything=everything,
            recover_failed=recover_failed,
            progress=progress,
        )
    typer.echo(words.describe_ingested(done))


@app.command("import")
def import_files(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE…", help="Files, folders, globs or s3://BUCKET/PREFIX.")
    ],
    domain: Annotated[
        str | None, typer.Option(metavar="D", help="The domain of answers of Google's that name none.")
    ] = None,
) -> None:
    """Load what mailbox providers tell you.

    Answers of Google's Postmaster Tools v2 (JSON), data of Microsoft's SNDS (CSV), DMARC aggregate reports (XML, packed
    or in mails). What a file is, its content says; a second import of it changes nothing.

    Example: mailgauge import postmaster/ --domain shop.example
    """
    from mailgauge import steps, words

    done = steps.import_files(read_settings(), sources, domain=domain or "")
    rows = ", ".join(f"{count:,} in {table}" for table, count in done.rows.items())
    typer.echo(f"Import: {done.files:,} {'file' if done.files == 1 else 'files'} read; rows: {rows or 'none'}.")
    for sentence in done.refused:
        typer.echo(words.plain(sentence), err=True)
    if done.refused:
        raise typer.Exit(1)


@app.command()
def build(full: Annotated[bool, typer.Option("--full", help="Compute everything again.")] = False) -> None:  # noqa: FBT002 (a flag)
    """Bring the marts up to date with what was loaded.

    Example: mailgauge build
    """
    from mailgauge import steps, words

    settings = read_settings()
    with words.spinner("Building"):
        built = steps.build(settings, full=full)
    typer.echo(words.describe(built))


@app.command()
def validate(day: Day = None) -> None:
    """Run the quality gate; exit status 3 when it fails.

    Example: mailgauge validate --day 2026-11-23
    """
    from mailgauge import steps, words

    settings = read_settings()
    with words.spinner("Judging"):
        verdict = steps.validate(settings, parse_day(day))
    typer.echo(words.describe(verdict))


@app.command()
def advise(
    day: Day = None,
    domains: Annotated[
        list[str] | None,
        typer.Option("--domain", metavar="D", help="Check this domain alone; needs no events. May be repeated."),
    ] = None,
    no_dns: Annotated[bool, typer.Option("--no-dns", help="Ask no DNS; judge the mail alone.")] = False,  # noqa: FBT002 (a flag)
    resolver: Annotated[
        str | None, typer.Option(metavar="HOST[:PORT]", help="The resolver to ask; the machine's own by default.")
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--format", help="text, json, the records to publish: zone, route53, terraform, or calls of SES: ses."
        ),
    ] = "text",
) -> None:
    """Run the checks and update the findings.

    With --domain, that domain's DNS is checked and no warehouse is read or written; the exit status is then 5 where a
    finding is of high impact, 4 where all are of low, 1 where nothing could be checked.

    Example: mailgauge advise --domain example.com --format json
    """
    from mailgauge import steps, words
    from mailgauge.publishing import FORMS, list_records, show_records
    from mailgauge.ses_calls import FORM, show_calls

    choose_output(output, "text", "json", *FORMS, FORM)
    if domains and no_dns:
        raise UsageError("--domain asks DNS and --no-dns forbids it: leave one of them out.")
    settings = read_settings()
    with words.spinner("Advising"):
        advice = steps.advise(settings, parse_day(day), domains=domains or (), dns=not no_dns, resolver=resolver)
    if output == "json":
        typer.echo(words.as_json([finding.as_dict() for finding in advice.findings]))
    elif output in FORMS:
        typer.echo(show_records(list_records(advice.findings), output))
    elif output == FORM:
        typer.echo(show_calls(advice.findings))
    else:
        told = words.group_findings(advice.findings) if domains else words.color_findings(advice.findings)
        typer.echo("\n\n".join([*told, words.describe(advice)]))
    for sentence in advice.not_checked if output != "text" else ():
        typer.echo(words.plain(sentence), err=True)
    if domains:
        raise typer.Exit(_rank(advice))


def _rank(advice: Advice) -> int:
    """What scripts ask: 5 high impact, 4 low, 1 nothing could be checked, 0 nothing found."""
    impacts = {finding.impact for finding in advice.findings}
    return 5 if "HIGH" in impacts else 4 if impacts else 1 if advice.is_blind else 0


_CHECK = typer.Argument(metavar="CHECK", help="The check that found it, such as dmarc_policy.")
_RESOURCE = typer.Argument(metavar="RESOURCE", help="What it is about, such as identity:shop.example.")
_KIND = typer.Option(metavar="KIND", help="One kind of the check's findings alone.")


@app.command()
def mute(
    check: Annotated[str, _CHECK],
    resource: Annotated[str, _RESOURCE],
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The day from which it is shown again.")],
    reason: Annotated[str, typer.Option(help="Why: it is kept in the history.")],
    kind: Annotated[str | None, _KIND] = None,
) -> None:
    """Show a finding no more until a day: neither in advice nor in reports.

    Example: mailgauge mute dmarc_policy identity:shop.example --until 2027-01-31 --reason "migration"
    """
    from mailgauge import steps

    day = parse_day(until)
    if day is None:
        raise UsageError("Name the day with --until: YYYY-MM-DD.")
    found = steps.mute(read_settings(), check, resource, until=day, reason=reason, kind=kind)
    for one in found:
        typer.echo(f"Muted until {day}: {one.title} {one.resource} ({one.check}, {one.kind})")


@app.command()
def unmute(
    check: Annotated[str, _CHECK], resource: Annotated[str, _RESOURCE], kind: Annotated[str | None, _KIND] = None
) -> None:
    """Show a muted finding again.

    Example: mailgauge unmute dmarc_policy identity:shop.example
    """
    from mailgauge import steps

    found = steps.unmute(read_settings(), check, resource, kind=kind)
    for one in found:
        typer.echo(f"Shown again: {one.title} {one.resource} ({one.check}, {one.kind})")
    if not found:
        typer.echo("It was not muted.")


@app.command()
def report(
    day: Day = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of the reports; report.out by default.")
    ] = None,
) -> None:
    """Write the HTML report of a day and print its path.

    Example: mailgauge report --day 2026-11-23 --out /var/www/reports
    """
    from mailgauge import steps

    typer.echo(str(steps.report(read_settings(), parse_day(day), out=out)))


@app.command()
def alert(
    day: Day = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the mails and change nothing.")] = False,  # noqa: FBT002 (a flag)
) -> None:
    """Open, update and close incidents, and mail them.

    Example: mailgauge alert --dry-run
    """
    from mailgauge import steps, words

    settings = read_settings()
    with words.spinner("Alerting"):
        done = steps.alert(settings, parse_day(day), dry_run=dry_run)
    typer.echo(words.describe_alerted(done, is_dry_run=dry_run))


@app.command()
def nightly(sources: Sources = None, day: Day = None) -> None:
    """Run ingest, build, validate, advise, report, alert.

    When the gate fails (exit status 3), nothing is reported or sent.

    Example: mailgauge nightly /dumps/ses
    """
    from mailgauge import nights

    nights.run_night(read_settings(), sources or (), parse_day(day), say=typer.echo)


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="An empty or new folder.")],
    messages: Annotated[int, typer.Option(min=1)] = 20_000,
    days: Annotated[int, typer.Option(min=1)] = 7,
    seed: Annotated[int, typer.Option()] = 1,
    end: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Last day of sending; yesterday by default.")
    ] = None,
) -> None:
    """Write realistic dumps with a known truth beside them.

    Example: mailgauge simulate /tmp/dumps --messages 400000 --days 30
    """
    from mailgauge import steps
    from mailgauge.simulation import SimulationError
    from mailgauge.simulation import simulate as simulate_dumps

    try:
        made = simulate_dumps(out, messages=messages, days=days, seed=seed, end=parse_day(end) or steps.yesterday())
    except SimulationError as error:
        raise UsageError(str(error)) from None
    typer.echo(
        f"{made.events:,} records of {made.messages:,} messages in {made.objects:,} objects under {out / 'events'} "
        f"({made.duplicates:,} duplicates, {made.bad_records:,} bad); the truth is in {made.truth_path}."
    )


@app.command()
def compact() -> None:
    """Merge small files and remove those that no snapshot needs any more.

    Ingest and build do so themselves when many files came together.

    Example: mailgauge compact
    """
    from mailgauge import steps, words

    settings = read_settings()
    with words.spinner("Compacting"):
        done = steps.compact(settings)
    typer.echo(words.describe(done))


@app.command()
def expire(
    keep_days: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Days to keep; housekeeping.keep_days by default.")
    ] = None,
) -> None:
    """Let go of the events of old messages and keep what they counted.

    The daily and hourly counts stay, also through a build from the start.

    Example: mailgauge expire --keep-days 400
    """
    from mailgauge import steps, words

    settings = read_settings()
    with words.spinner("Expiring"):
        done = steps.expire(settings, keep_days)
    typer.echo(words.describe(done))


@app.command()
def forget(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The person's mail address.")],
) -> None:
    """Take a person out of every table, snapshot and file, and prove it.

    It waits until nobody reads the warehouse. The dumps are yours: what they hold of the person stays there.

    Example: mailgauge forget someone@example.com
    """
    from mailgauge import steps, words

    settings = read_settings()
    with words.spinner("Forgetting"):
        done = steps.forget(settings, address)
    typer.echo(words.describe(done))


app.add_typer(asking.app)
