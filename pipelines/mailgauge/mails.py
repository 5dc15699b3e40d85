"""Alert mails: what an incident says to people, as subject, text and HTML from the templates in reports/mail; pure."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mailgauge import paths
from mailgauge.errors import UsageError
from mailgauge.rates import NO_DATA, Rate, line_text, percent

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailgauge.incidents import Cell, Figure, Incident, Scope, Traffic
    from mailgauge.settings import AlertSettings

OPENED = "opened"
CLOSED = "closed"

_POLICY = SMTP.clone(cte_type="7bit")  # so that any server takes it, 8BITMIME or not
_LONGEST_NAME = 80
_WORDS = {
    "account_id": "account",
    "identity": "identity",
    "configuration_set": "configuration set",
    "tenant": "tenant",
    "isp": "provider",
}
_MANY_MORE = 1.5


def compose(incident: Incident, kind: str, rules: AlertSettings, *, now: datetime) -> EmailMessage:
    """The mail that says an incident `OPENED` or `CLOSED`; its Message-ID is the same whenever it is composed."""
    facts = _tell_opened(incident, rules) if kind == OPENED else _tell_closed(incident, rules)
    stem = f"incident_{kind}"
    message = EmailMessage(policy=_POLICY)
    try:
        message["Subject"] = clean(_render(f"{stem}.subject.txt", facts), longest=3 * _LONGEST_NAME)
        message["From"] = rules.sender
        if rules.recipients:
            message["To"] = ", ".join(rules.recipients)
    except ValueError as error:
        raise UsageError(f"alert.sender or alert.recipients cannot stand in a mail: {error}.") from None
    domain = parseaddr(rules.sender)[1].rpartition("@")[2] or "localhost"
    message["Date"] = format_datetime(now.replace(tzinfo=UTC))
    message["Message-ID"] = f"<mailgauge.{incident.incident_id}.{kind}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_render(f"{stem}.txt", facts))
    html = _inline(_render(f"{stem}.html", facts)).replace(" %", "&nbsp;%")  # a percent sign never starts a line
    message.add_alternative(html, subtype="html")
    return message


def render_dry_run(message: EmailMessage) -> str:
    """A mail as a person reads it on a terminal: its headers, then its text."""
    names = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted")
    headers = [f"{name}: {clean(str(message[name]), longest=1000)}" for name in names if message[name]]
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    lines = [clean(line, longest=1000, strip=False) for line in text.splitlines()]
    return "\n".join([*headers, "", *lines]).rstrip() + "\n"


def describe_unjudged(figure: Figure, day: date) -> str:
    """The sentence for a scope with complaints and nothing to divide them by."""
    return (
        f"{_name_scope(figure.scope)} has {figure.complaints:,} complaints in {_days(figure.window_days)} up to {day} "
        "and no delivery to a provider that reports them, so its complaint rate is not judged."
    )


def clean(text: str, *, longest: int = _LONGEST_NAME, strip: bool = True) -> str:
    """Text from strangers as one line that can start no header and drive no terminal."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    line = " ".join(line.split()) if strip else line
    return line if len(line) <= longest else line[: longest - 1] + "…"


def precise(share: float, limit: float) -> str:
    """A share with as many decimals as it takes to tell it from the limit.

    >>> precise(0.0091, 0.003), precise(0.003004, 0.003)
    ('0.91 %', '0.3004 %')
    """
    if share == limit or percent(share) != percent(limit):
        return percent(share)
    texts = [f"{share * 100:.{decimals}f} %" for decimals in (3, 4, 5)]
    limits = [f"{limit * 100:.{decimals}f} %" for decimals in (3, 4, 5)]
    return next((text for text, line in zip(texts, limits, strict=True) if text != line), texts[-1])


def _render(template: str, facts: dict[str, Any]) -> str:
    return _environment().get_template(template).render(facts)


_RULE = re.compile(r"^\.([\w-]+) \{ (.*) \}$", re.MULTILINE)
_CELL_RULE = re.compile(r"^td, th \{ (.*) \}$", re.MULTILINE)
_TAG = re.compile(r'<(td|th|table|span)\b([^>"]*(?:"[^"]*"[^>"]*)*)>')
_CLASS, _STYLE = re.compile(r'\sclass="([^"]*)"'), re.compile(r'\sstyle="([^"]*)"')


def _inline(html: str) -> str:
    """Each element with its own styles: many a mail client drops the style element."""
    head, body = html.split("<body>", 1)
    rules = dict(_RULE.findall(head))
    cell = _CELL_RULE.findall(head)

    def style(match: re.Match[str]) -> str:
        tag, rest = match.group(1), match.group(2)
        classes = _CLASS.search(rest)
        own = _STYLE.search(rest)
        parts = cell if tag in ("td", "th") else []
        parts = parts + [rules[name] for name in (classes.group(1).split() if classes else ()) if name in rules]
        text = " ".join(part.rstrip(";") + ";" for part in [*parts, *([own.group(1)] if own else [])])
        rest = _STYLE.sub("", rest)
        return f'<{tag}{rest} style="{text}">' if text else match.group(0)

    return f"{head}<body>{_TAG.sub(style, body)}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(paths.REPORTS / "mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _tell_opened(incident: Incident, rules: AlertSettings) -> dict[str, Any]:
    opening = incident.opening
    cell = opening.cell
    return {
        **_tell_cause(cell, incident),
        "rate": _short(cell, incident.limit),
        "figures": _explain(cell.rate, incident.limit),
        "day": incident.opened_day,
        "rows": [_row(figure, incident.limit, rules.min_complaints) for figure in opening.figures],
        "share": f"{opening.share * 100:.0f} %",
        "share_of": _name_scope(opening.share_of),
        "traffic": _tell_traffic(opening.traffic),
        "before": _tell_traffic(opening.before),
        "hint": _hint(opening.traffic, opening.before),
    }


def _tell_closed(incident: Incident, rules: AlertSettings) -> dict[str, Any]:
    cell, limit = incident.cell, incident.limit
    is_high = (cell.rate.value or 0.0) > limit
    return {
        **_tell_cause(cell, incident),
        "rate": _short(cell, limit),
        "figures": _explain(cell.rate, limit),
        "is_blank": cell.rate.value is None,
        "is_few": is_high and cell.complaints < rules.min_complaints,
        "minimum": rules.min_complaints,
        "day": incident.closed_day,
        "opened_day": incident.opened_day,
        "lasted": _days(incident.days),
        "peak": _short(incident.peak, limit),
        "peak_figures": _explain(incident.peak.rate, limit),
        "peak_day": incident.peak_day,
        "rows": [_row(figure, limit, rules.min_complaints) for figure in incident.figures],
    }


def _tell_cause(cell: Cell, incident: Incident) -> dict[str, Any]:
    return {
        "identity": clean(cell.identity) if cell.identity else "mail without an identity",
        "isp": clean(cell.isp),
        "limit": line_text(incident.limit),
        "window": _days(incident.window_days),
        "period": "On" if incident.window_days == 1 else f"In the {_days(incident.window_days)} up to",
        "since": incident.opened_day - timedelta(days=13),  # two weeks: the 7 days of the window and those before
        "incident_id": incident.incident_id,
    }


def _row(figure: Figure, limit: float, minimum: int) -> dict[str, Any]:
    rate = figure.rate
    return {
        "scope": _name_scope(figure.scope),
        "window": _days(figure.window_days),
        "complaints": f"{figure.complaints:,}",
        "deliveries": f"{figure.deliveries:,}",
        "rate": NO_DATA if rate.value is None else precise(rate.value, limit),
        "interval": _interval(rate),
        "is_over": rate.value is not None and rate.value > limit and figure.complaints >= minimum,
    }


def _short(cell: Cell, limit: float) -> str:
    if cell.rate.value is not None:
        return precise(cell.rate.value, limit)
    return f"{NO_DATA} ({cell.complaints:,} complaints on 0 deliveries)" if cell.complaints else NO_DATA


def _explain(rate: Rate, limit: float, what: str = "deliveries") -> str:
    if rate.value is None:
        return f"{NO_DATA}: {rate.numerator:,} on no {what}" if rate.numerator else NO_DATA
    return f"{precise(rate.value, limit)} ({rate.numerator:,} of {rate.denominator:,}; 95 % interval {_interval(rate)})"


def _interval(rate: Rate) -> str:
    """The interval in words; complaints on mail of before the window can exceed its deliveries: then none."""
    if rate.interval is None:
        return NO_DATA if rate.value is None else "none, as some are of earlier mail"
    low, high = rate.interval
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def _tell_traffic(traffic: Traffic | None) -> dict[str, Any] | None:
    if traffic is None:
        return None
    return {
        "days": _days(traffic.days),
        "sends": f"{traffic.sends:,}",
        "per_day": f"{traffic.per_day:,.0f}",
        "bounces": _explain(traffic.bounce_rate, 0.0, "attempts"),
    }


def _hint(traffic: Traffic | None, before: Traffic | None) -> str:
    """What the change of volume and bounces suggests, in careful words; empty where they suggest nothing."""
    if traffic is None or before is None or not traffic.sends:
        return ""
    bounced, usual = traffic.bounce_rate.interval, before.bounce_rate.interval
    if not before.sends:
        return "Nothing was sent there in the days before: a new audience or a new sender is likely."
    is_more = traffic.per_day > _MANY_MORE * before.per_day
    is_worse = bool(bounced and usual and bounced[0] > usual[1])
    if is_more and is_worse:
        return "Volume and permanent bounces rose together: a bought, old or wrongly imported list is likely."
    if is_worse:
        return "Permanent bounces rose: addresses of a poorer list are likely among the recipients."
    return "Volume rose well over the usual: a campaign to a wider audience is likely." if is_more else ""


def _name_scope(scope: Scope) -> str:
    return f"{_WORDS[scope.dimension]} {clean(scope.value)}"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
