"""Turns events into the JSON records SES writes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from mailgauge.simulation.journey import MINUTE, RETRY_MINUTES
from mailgauge.simulation.message import REORDERED, Event
from mailgauge.simulation.post import make_id
from mailgauge.simulation.provider import PROVIDERS, READERS, SCANNER
from mailgauge.simulation.sender import CODE_OF
from mailgauge.simulation.shape import record_template, refusal_template
from mailgauge.simulation.story import CAST

# Sending IPs of each region as SES names them: aX-Y.smtp-out[.region].amazonses.com is 54.240.X.Y.
SENDERS = {
    "us-east-1": [(f"54.240.8.{last}", f"a8-{last}.smtp-out.amazonses.com") for last in (31, 56, 86, 90, 187)],
    "eu-west-1": [
        (f"54.240.{third}.{last}", f"a{third}-{last}.smtp-out.eu-west-1.amazonses.com")
        for third, last in ((3, 12), (3, 27), (4, 9), (7, 43), (7, 18), (7, 61))
    ],
}
MAIL_HOSTS = {"us-east-1": "email.amazonses.com", "eu-west-1": "eu-west-1.amazonses.com"}
LINKS = [[(json.dumps(url), json.dumps(tags, separators=(",", ":"))) for url, tags in stream.links] for stream in CAST]


@lru_cache(maxsize=8192)
def _minute(minute: int) -> tuple[str, str]:
    """A minute as ISO 8601 and as mail headers write it, without seconds."""
    moment = datetime.fromtimestamp(minute * 60, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:"), format_datetime(moment)[: -len("00 +0000")]


def stamp(at: int) -> str:
    """Unix milliseconds as SES writes them."""
    minute, rest = divmod(at, MINUTE)
    return f"{_minute(minute)[0]}{rest // 1000:02d}.{rest % 1000:03d}Z"


def _common(event: Event) -> dict[str, Any]:
    message = event.message
    sent = stamp(message.sent)
    addresses = message.recipients
    return {
        "sent": sent,
        "day": sent[:10],
        "date": f"{_minute(message.sent // MINUTE)[1]}{sent[17:19]} +0000",
        "at": stamp(event.at),
        "id": message.id,
        "order": message.id[17:25],
        "destination": '["' + '","'.join(addresses) + '"]',
        "to": addresses[0] if len(addresses) == 1 else ", ".join(addresses),
        "rcpt": event.recipients[0],
    }


def _fill_servers(event: Event, fields: dict[str, Any]) -> None:
    region = CAST[event.message.stream].region
    senders, salt = SENDERS[region], event.salt
    fields["ip"], fields["mta"] = senders[event.message.number % len(senders)]
    fields["mx"] = f"{PROVIDERS[event.provider].mx}.{salt % 250 + 2}"
    fields["mark"] = f"{salt:016x}"[:12]
    fields["serial"] = salt % 9_999_999_999
    fields["byte"] = salt % 89 + 10
    fields["unix"] = event.at // 1000
    fields["mailhost"] = MAIL_HOSTS[region]


def _fill_delivery(event: Event, fields: dict[str, Any]) -> None:
    _fill_servers(event, fields)
    fields["took"] = event.at - event.message.sent
    fields["recipients"] = '["' + '","'.join(event.recipients) + '"]'


def _fill_feedback(event: Event, fields: dict[str, Any]) -> None:
    code = CODE_OF[CAST[event.message.stream].region]
    # Twice the salt's 64 bits make a UUID's 128.
    fields["feedback"] = make_id(
        code, event.at, event.salt << 64 | event.salt * 6_364_136_223_846_793_005 & (1 << 64) - 1
    )


def _fill_refusal(event: Event, fields: dict[str, Any]) -> None:
    _fill_servers(event, fields)
    _fill_feedback(event, fields)
    fields["expires"] = stamp(event.message.sent + RETRY_MINUTES * MINUTE)
    template = refusal_template(event.kind, event.about, event.provider)
    fields["bounced"] = "[" + ",".join(template % (fields | {"rcpt": name}) for name in event.recipients) + "]"


def _fill_open(event: Event, fields: dict[str, Any]) -> None:
    provider, salt = PROVIDERS[event.provider], event.salt
    own = provider.proxy or READERS[salt % len(READERS)]
    fields["agent"] = (provider.prefetch or own) if event.about == "Likely" else own
    fields["reader"] = f"{provider.proxy_network}.{salt % 250 + 2}"


def _fill_click(event: Event, fields: dict[str, Any]) -> None:
    salt, links = event.salt, LINKS[event.message.stream]
    fields["agent"] = SCANNER if event.about == "Likely" else READERS[salt % len(READERS)]
    fields["reader"] = f"198.51.100.{salt % 250 + 2}"
    fields["link"], fields["link_tags"] = links[salt // 256 % len(links)]


def _fill_nothing(_event: Event, _fields: dict[str, Any]) -> None:
    """Some records say nothing beyond the mail."""


FILL: dict[str, Callable[[Event, dict[str, Any]], None]] = {
    "Send": _fill_nothing,
    "Delivery": _fill_delivery,
    "Bounce": _fill_refusal,
    "Complaint": _fill_feedback,
    "Reject": _fill_nothing,
    "Open": _fill_open,
    "Click": _fill_click,
    "Rendering Failure": _fill_nothing,
    "DeliveryDelay": _fill_refusal,
    "Subscription": _fill_nothing,
}


def render_event(event: Event, kind: str) -> str:
    """The record of an event as JSON on one line."""
    fields = _common(event)
    FILL[kind](event, fields)
    return record_template(event.message.stream, event.message.subject, kind, event.about, event.provider) % fields


def _reverse(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same JSON value with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {key: _reverse(value[key]) for key in reversed(value)}
    return [_reverse(item) for item in value] if isinstance(value, list) else value


def render_bad(event: Event) -> str:
    """A record nobody can use, in one of five ways; it stays on one line."""
    text = render_event(event, "Send")
    spoilt = (
        text[: len(text) * 2 // 3],
        "<html><title>503 Service Temporarily Unavailable</title></html>",
        text.replace('"eventType":"Send"', '"eventType":"Teleport"', 1),
        text.replace(f'"messageId":"{event.message.id}",', ""),
        text.replace(f'"timestamp":"{stamp(event.message.sent)}"', '"timestamp":"yesterday at noon"', 1),
    )
    return spoilt[event.salt % len(spoilt)]


def render_record(event: Event) -> str:
    """The record to write for an event, a copy or a bad record."""
    if event.kind == "Bad":
        return render_bad(event)
    text = render_event(event, event.kind)
    if event.copy == REORDERED:
        return json.dumps(_reverse(json.loads(text)), ensure_ascii=False, separators=(",", ":"))
    return text
