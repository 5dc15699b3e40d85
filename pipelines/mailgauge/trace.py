"""What became of one message, or of the mail to one person: every event in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailgauge.pseudonyms import is_pseudonym

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse


def read_trace(lake: Warehouse, wanted: str) -> list[dict[str, Any]]:
    """The events of the message or recipient `wanted`, by message and time.

    An address is found whatever its case; everything else is taken as a message id.
    """
    column = "recipient" if "@" in wanted or is_pseudonym(wanted) else "message_id"
    value = wanted.strip().lower() if column == "recipient" else wanted.strip()
    return lake.rows(
        f"""
        select
            e.message_id, e.recipient, e.event_type, e.occurred_at, e.sent_at,
            coalesce(o.isp, e.isp) as isp, e.identity, e.configuration_set,
            e.subject, e.bounce_type, e.bounce_sub_type, e.bounce_reason, e.delay_type, e.complaint_feedback_type,
            coalesce(e.diagnostic_code, e.smtp_response, e.reject_reason, e.error_message, e.link) as detail,
            e.user_agent
        from staging.events as e
        left join marts.outcomes as o
            on e.message_id = o.message_id and e.recipient is not distinct from o.recipient
        where e.{column} = $wanted
        order by e.sent_at, e.message_id, e.occurred_at, e.event_type
        """,
        {"wanted": value},
    )
