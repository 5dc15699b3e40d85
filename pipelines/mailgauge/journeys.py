"""A trace in words: a journey a message, each event with the delay since it was sent."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from mailgauge.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailgauge.trace import Trace

_ACTIONS = {"suppress": "do not send to this address again", "fix": "fix what was sent, or how", "retry": "try again"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def describe_trace(trace: Trace) -> str:
    """The journeys, and whether there are more."""
    lines: list[str] = []
    for message, events in groupby(trace.events, key=lambda event: event["message_id"]):
        lines += _describe_message(message, list(events))
    if trace.has_more:
        lines += ["There are older messages: ask for more with --most."]
    return "\n".join(lines)


def _describe_message(message: str, events: list[dict[str, Any]]) -> Iterator[str]:
    first = events[0]
    facts = [first[name] for name in ("identity", "configuration_set", "subject") if first[name]]
    yield f"{plain(message)}  {plain(' · '.join(facts))}".rstrip()
    several = len({event["recipient"] for event in events}) > 1
    if not several:
        yield f"  to {_name_recipient(first)}"
    for event in events:
        told = [*_tell_recipient(event, several=several), *_tell_event(event)]
        moment = f"{event['occurred_at']:%Y-%m-%d %H:%M:%S}"
        yield f"  {moment}  {_say_delay(event):>7}  {event['event_type']:<17}  {plain(' · '.join(told))}".rstrip()


def _name_recipient(event: dict[str, Any]) -> str:
    via = f", behind {event['gateway']}" if event["gateway"] else ""
    return f"{plain(event['recipient'] or 'unknown recipient')} ({plain(event['isp'] + via)})"


def _tell_recipient(event: dict[str, Any], *, several: bool) -> Iterator[str]:
    if several:
        yield _name_recipient(event)


def _tell_event(event: dict[str, Any]) -> Iterator[str]:
    if event["bounce_type"]:
        yield f"{event['bounce_type']}/{event['bounce_sub_type']}"
    if event["delay_type"]:
        yield event["delay_type"]
    if event["reason"]:
        action = f": {_ACTIONS[event['action']]}" if event["action"] in _ACTIONS else ""
        yield f"{event['meaning'] or event['reason']}{action}"
    if event["complaint_feedback_type"]:
        yield event["complaint_feedback_type"]
    if event["machine_score"] is not None:
        who = "a machine" if event["is_machine"] else "a person"
        signs = f" ({event['machine_evidence']})" if event["machine_evidence"] else ""
        yield f"{who}, score {event['machine_score']:.1f}{signs}"
    if event["detail"]:
        yield event["detail"]


def _say_delay(event: dict[str, Any]) -> str:
    seconds = event["seconds_after_sending"]
    if seconds is None or event["event_type"] == "Send":
        return ""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if abs(seconds) >= 2 * size:
            return f"{seconds / size:+,.0f} {unit}"
    return f"{seconds:+.1f} s"
