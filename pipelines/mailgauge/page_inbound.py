"""Reads what the small streams tell for a page: mail received, Mail Manager, AWS's own findings; an edge."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.page_streams import CHECKS, Ingress, Received, Rule
from mailgauge.rates import Rate
from mailgauge.recommendations import read_aws_findings, recall_agreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailgauge.warehouse import Warehouse

_ACTIONS = {
    "stored": "stored in S3",
    "notified": "sent to SNS",
    "invoked": "handed to Lambda",
    "bounced": "bounced",
    "stopped": "stopped",
    "handed_to_workmail": "handed to WorkMail",
    "met_other_action": "met another action",
}


def read_streams(lake: Warehouse, day: date, span_days: int) -> dict[str, Any]:
    """What the streams tell of the day and of the `span_days` that end with it, by field of Figures."""
    days = [day, day - timedelta(days=span_days - 1), day]
    return {
        "aws": recall_agreement(lake, read_aws_findings(lake)),
        "received": _read_received(lake, days),
        "ingress": _read_ingress(lake, days),
        "rules": _read_rules(lake, days),
    }


def _read_rows(lake: Warehouse, relation: str, keys: str, counts: Sequence[str], days: list[date]) -> list[Any]:
    sums = ", ".join(
        f"""
        coalesce(sum({name}) filter (where "day" = $day), 0)::bigint as {name},
        coalesce(sum({name}), 0)::bigint as {name}_span"""
        for name in counts
    )
    return lake.rows(
        f'select {keys}, {sums} from {relation} where "day" between $first and $day group by all order by all',
        {"day": days[0], "first": days[1]},
    )


def _read_received(lake: Warehouse, days: list[date]) -> tuple[Received, ...]:
    verdicts = [f"{check}_{verdict}" for check in CHECKS for verdict in ("failed", "unchecked")]
    counts = ["received", *verdicts, *_ACTIONS]
    rows = _read_rows(lake, "marts.inbound_daily", "recipient_domain", counts, days)
    return tuple(
        Received(
            domain=row["recipient_domain"],
            count=row["received"],
            span=row["received_span"],
            failed={check: _rate_failed(row, check) for check in CHECKS},
            failed_span={check: _rate_failed(row, check, "_span") for check in CHECKS},
            actions={word: row[name] for name, word in _ACTIONS.items()},
        )
        for row in rows
    )


def _rate_failed(row: dict[str, Any], check: str, suffix: str = "") -> Rate:
    """What failed, of what could be checked."""
    return Rate(row[f"{check}_failed{suffix}"], row[f"received{suffix}"] - row[f"{check}_unchecked{suffix}"])


def _read_ingress(lake: Warehouse, days: list[date]) -> tuple[Ingress, ...]:
    counts = ["messages_accepted", "recipients_let_in", "recipients_rejected"]
    keys = "ingress_point_id, max(ingress_point_name) as ingress_point_name, traffic_policy_id"
    rows = _read_rows(lake, "marts.mail_manager_daily", keys, counts, days)
    return tuple(
        Ingress(
            name=row["ingress_point_name"] or row["ingress_point_id"],
            policy=row["traffic_policy_id"],
            accepted=row["messages_accepted"],
            accepted_span=row["messages_accepted_span"],
            rejected=Rate(row["recipients_rejected"], row["recipients_rejected"] + row["recipients_let_in"]),
            rejected_span=Rate(
                row["recipients_rejected_span"], row["recipients_rejected_span"] + row["recipients_let_in_span"]
            ),
        )
        for row in rows
        if any(row[f"{name}_span"] for name in counts)
    )


def _read_rules(lake: Warehouse, days: list[date]) -> tuple[Rule, ...]:
    counts = ["actions_done", "actions_failed", "actions_in_progress"]
    keys = "rule_set_id, max(rule_set_name) as rule_set_name, rule_name, action_name"
    rows = _read_rows(lake, "marts.mail_manager_daily", keys, counts, days)
    return tuple(
        Rule(
            rule_set=row["rule_set_name"] or row["rule_set_id"],
            rule=row["rule_name"],
            action=row["action_name"],
            failed=Rate(row["actions_failed"], row["actions_failed"] + row["actions_done"]),
            failed_span=Rate(row["actions_failed_span"], row["actions_failed_span"] + row["actions_done_span"]),
            in_progress=row["actions_in_progress"],
        )
        for row in rows
        if any(row[f"{name}_span"] for name in counts)
    )
