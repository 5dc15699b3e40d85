"""The commands that ask a warehouse and change nothing."""

from __future__ import annotations

import io
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mailgauge.arguments import Since, Until, choose_output, parse_day, parse_pairs, read_settings
from mailgauge.errors import MailgaugeError, UsageError

if TYPE_CHECKING:
    import polars as pl

app = typer.Typer()

_SHARES = (
    "bounce_rate", "complaint_rate", "share", "share_before", "delivered_share", "bounced_share", "delayed_share",
    "used_day", "used_second",
)  # fmt: skip

_BINARY = ("parquet", "arrow")
"""Formats that are not for a terminal; Arrow is its IPC file."""


@app.command()
def metrics(  # noqa: PLR0913, PLR0917 (what may be asked of a metric)
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A metric, such as complaint_rate; without, all are listed.")
    ] = None,
    by: Annotated[str, typer.Option(metavar="DIM,…", help="Break it down by these dimensions.")] = "",
    since: Since = None,
    until: Until = None,
    where: Annotated[list[str] | None, typer.Option(metavar="DIM=VALUE", help="Only this; may be repeated.")] = None,
    by_event_day: Annotated[bool, typer.Option("--by-event-day", help="Days on which things happened.")] = False,  # noqa: FBT002 (an option)
    vdm: Annotated[bool, typer.Option("--vdm", help="Mail to one recipient only, as AWS VDM counts.")] = False,  # noqa: FBT002 (an option)
    compare: Annotated[bool, typer.Option("--compare", help="With the period before.")] = False,  # noqa: FBT002 (an option)
    output: Annotated[str, typer.Option("--format", help="table, json, csv, parquet or arrow (to stdout).")] = "table",
) -> None:
    """Print a metric with its counts and 95 % interval, by any dimensions.

    Example: mailgauge metrics complaint_rate --by isp,tag:campaign --since 2026-11-17 --until 2026-11-23 --compare
    """
    from mailgauge import steps, words
    from mailgauge.metrics import Question, describe_metrics

    choose_output(output, "table", "json", "csv", *_BINARY)
    if name is None:
        rows = [{"metric": metric, "what": what} for metric, what in describe_metrics().items()]
        typer.echo(words.show_rows(rows, output))
        return
    settings = read_settings()
    question = Question(
        name=name,
        by=[part.strip() for part in by.split(",") if part.strip()],
        since=parse_day(since),
        until=parse_day(until),
        days="event" if by_event_day else "sent",
        vdm=vdm,
        where=parse_pairs(where or ()),
        pools=settings.pools,
    )
    frame = steps.measure(settings, question, compare=compare)
    if output in _BINARY:
        _write_binary(frame, output)
    else:
        typer.echo(words.show_rows(frame.to_dicts(), output, percents=("rate", "low", "high", "previous_rate")))


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT.")],
    output: Annotated[str, typer.Option("--format", help="table, json, csv, parquet or arrow (to stdout).")] = "table",
) -> None:
    """Run a read-only query; it never waits for a night.

    Example: mailgauge sql "select isp, sum(complaints) from marts.daily group by all"
    """
    from mailgauge import steps, words

    choose_output(output, "table", "json", "csv", *_BINARY)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # DuckDB may not listen until its query ends, and nothing is written
    with steps.open_warehouse(read_settings(), read_only=True) as lake:
        lake.require_query(query)
        if output in _BINARY:
            _write_binary(lake.frame(query), output)
            return
        typer.echo(words.show_rows(lake.rows(query), output))


@app.command()
def describe(
    relation: Annotated[str | None, typer.Argument(metavar="[RELATION]", help="Such as marts.outcomes.")] = None,
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> None:
    """Say what the relations are, or the columns of one.

    Example: mailgauge describe marts.outcomes
    """
    from mailgauge import steps, words

    choose_output(output, "table", "json", "csv")
    rows = steps.describe(read_settings(), relation)
    typer.echo(words.show_explained(rows) if output == "table" else words.show_rows(rows, output))


@app.command()
def reasons(
    since: Since = None,
    until: Until = None,
    unknown: Annotated[bool, typer.Option("--unknown", help="The answers that no rule knows, by volume.")] = False,  # noqa: FBT002 (an option)
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> None:
    """Print why mail bounced, expired or was delayed, in the last seven days unless told otherwise.

    Example: mailgauge reasons --unknown --since 2026-11-17
    """
    from mailgauge import steps, words

    choose_output(output, "table", "json", "csv")
    rows = steps.list_reasons(read_settings(), parse_day(since), parse_day(until), unknown=unknown)
    typer.echo(words.show_rows(rows, output))


@app.command()
def findings(
    all_of_them: Annotated[bool, typer.Option("--all", help="Fixed ones too.")] = False,  # noqa: FBT002 (a flag)
    history: Annotated[bool, typer.Option("--history", help="What happened to them, oldest first.")] = False,  # noqa: FBT002 (a flag)
    resource: Annotated[str | None, typer.Option(metavar="R", help="On this alone, as identity:shop.example.")] = None,
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> None:
    """List the open and muted findings of the advisor, or what happened to them.

    Example: mailgauge findings --history --resource identity:shop.example
    """
    from mailgauge import steps, words

    choose_output(output, "table", "json", "csv")
    rows = steps.list_findings(read_settings(), all_of_them=all_of_them, history=history, resource=resource)
    if output == "table" and not rows:
        more = "" if all_of_them or history else ": `mailgauge findings --all` shows those that were"
        typer.echo(f"There are none{more}.")
        return
    if output == "table":
        rows = [words.narrow_turn(row) if history else words.narrow_finding(row) for row in rows]
    typer.echo(words.show_rows(rows, output))


@app.command()
def systems(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="tenants, ips, regions, limits or reputation; without, all are listed."),
    ] = None,
    day: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="At the end of this UTC day; by the newest mail otherwise.")
    ] = None,
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> None:
    """Print SES's other systems: tenants, sending IPs, regions, sending limits, account reputation.

    Example: mailgauge systems reputation --day 2026-11-23
    """
    from mailgauge import steps, words
    from mailgauge.systems import list_systems

    choose_output(output, "table", "json", "csv")
    known = list_systems()
    if name is None:
        rows = [{"system": system, "what": what} for system, what in known.items()]
        typer.echo(words.show_explained(rows) if output == "table" else words.show_rows(rows, output))
        return
    if name not in known:
        raise UsageError(f"There is no system {name!r}: ask for {', '.join(known)}.")
    rows = steps.read_system(read_settings(), name, day=parse_day(day))
    typer.echo(words.show_rows(rows, output, percents=_SHARES))


@app.command()
def trace(
    wanted: Annotated[
        str,
        typer.Argument(metavar="MESSAGE_ID|ADDRESS|SUBJECT", help="A message id, a recipient, or part of a subject."),
    ],
    most: Annotated[int, typer.Option(metavar="N", min=1, help="Show the N newest messages.")] = 10,
    output: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Print every event of a message, of the mail to a person, or of a mailing.

    Example: mailgauge trace someone@example.com
    """
    from mailgauge import steps, words
    from mailgauge.journeys import describe_trace

    choose_output(output, "text", "json")
    found = steps.trace(read_settings(), wanted, most=most)
    if output == "json":
        typer.echo(words.as_json(found.events))
    elif not found.events:
        raise MailgaugeError(
            f"No event of {wanted!r} is in the warehouse, be it as message id, recipient or subject: "
            "check the spelling, or ingest its dumps."
        )
    else:
        typer.echo(describe_trace(found))


@app.command()
def recipients(
    people: Annotated[
        str | None, typer.Option("--list", metavar="LIST", help="The addresses: suppress or sunset.")
    ] = None,
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> None:
    """Print how many recipients read, and whom to stop writing to.

    Example: mailgauge recipients --list suppress --format csv
    """
    from mailgauge import steps, words
    from mailgauge.recipients import LISTS

    choose_output(output, "table", "json", "csv")
    if people is not None and people not in LISTS:
        raise UsageError(f"There is no list {people!r}: --list takes {' or '.join(LISTS)}.")
    typer.echo(words.show_rows(steps.list_recipients(read_settings(), people), output))


@app.command()
def status(output: Annotated[str, typer.Option("--format", help="text or json.")] = "text") -> None:
    """Say how fresh and how complete the data is.

    And whether the sums agree that must.

    Example: mailgauge status --format json
    """
    from mailgauge import steps, words
    from mailgauge.status import read_status

    choose_output(output, "text", "json")
    with steps.open_warehouse(read_settings(), read_only=True) as lake:
        found = read_status(lake)
    typer.echo(words.as_json(found.as_dict()) if output == "json" else words.describe_status(found, steps.read_clock()))


def _write_binary(frame: pl.DataFrame, output: str) -> None:
    if sys.stdout.isatty():
        raise UsageError(
            f"{output.capitalize()} is not for a terminal: send it to a file, "
            f"as in `… --format {output} > rows.{output}`."
        )
    packed = io.BytesIO()
    if output == "arrow":
        frame.write_ipc(packed)
    else:
        frame.write_parquet(packed)
    sys.stdout.buffer.write(packed.getbuffer())
