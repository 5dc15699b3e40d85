"""What receivers answered: each response is classified once, when it first arrives, and kept with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailgauge.reasons import UNKNOWN, classify_response

if TYPE_CHECKING:
    from datetime import date

    from mailgauge.warehouse import Warehouse


def learn_responses(lake: Warehouse) -> None:
    """Classify the responses in the events that are shown and are not known yet."""
    found = lake.rows(  # a condition on the response would have it worked out twice
        "select distinct response from touched_events where event_type in ('Bounce', 'DeliveryDelay')"
    )
    texts = {row["response"] for row in found} - {None}
    known = lake.rows("select response from raw.responses where response in (select unnest(?::varchar[]))", [[*texts]])
    texts -= {row["response"] for row in known}
    lake.insert("raw.responses", [_classified(text) for text in sorted(texts)])


def learn_again(lake: Warehouse) -> None:
    """Classify every response in the events that are shown anew."""
    lake.execute("delete from raw.responses")
    learn_responses(lake)


def _classified(response: str) -> dict[str, Any]:
    verdict = classify_response(response)
    return {
        "response": response,
        "reason": verdict.reason,
        "is_expired": verdict.is_expired,
        "rule": verdict.rule,
        "provider": verdict.provider,
    }


def read_unknown(lake: Warehouse, since: date, until: date, *, limit: int = 20) -> list[dict[str, Any]]:
    """The masked responses to mail sent in those days whose reason is not known, most frequent first."""
    if not lake.value("select count(*) from raw.responses where reason = ?", [UNKNOWN]):
        return []
    unknown = f"filter (where bounce_reason = '{UNKNOWN}')"
    rows = lake.rows(  # a condition on the response or its reason would have it worked out twice
        f"""
        select
            response,
            count(*) {unknown} as events,
            count(distinct message_id || chr(31) || coalesce(recipient, '')) {unknown} as recipients,
            min(isp) {unknown} as isp,
            max(occurred_at) {unknown} as last_at
        from staging.events
        where event_type in ('Bounce', 'DeliveryDelay') and "day" between ? and ?
        group by response
        order by events desc, response asc
        """,
        [since, until],
    )
    return [row for row in rows if row["response"] is not None and row["events"]][:limit]


def count_reasons(lake: Warehouse, since: date, until: date) -> list[dict[str, Any]]:
    """How many recipients of mail sent in those days bounced, expired or were delayed for each reason."""
    return lake.rows(
        """
        with told as (
            select bounce_reason as reason, 1 as bounced, is_expired::int as expired, 0 as delayed
            from marts.outcomes
            where bounce_reason is not null and not is_simulator and "day" between $since and $until
            union all
            select delay_reason, 0, 0, 1 from marts.outcomes
            where delay_reason is not null and not is_simulator and "day" between $since and $until
        )

        select
            t.reason, min(b.meaning) as meaning, min(b.remedy) as remedy, min(b.action) as action,
            sum(t.bounced)::bigint as bounced, sum(t.expired)::bigint as expired, sum(t.delayed)::bigint as delayed
        from told as t left join staging.bounce_reasons as b on t.reason = b.reason
        group by t.reason
        order by bounced desc, delayed desc, t.reason asc
        """,
        {"since": since, "until": until},
    )
