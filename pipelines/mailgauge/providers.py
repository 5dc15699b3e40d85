"""What a build learns of the mailbox providers of recipient domains: from responses to other mail, and from their MX.

Counts are sums over events, and what a domain's provider is follows from the counts and the MX alone: neither the order
nor the number of builds changes it. Where it changes, the messages to that domain are computed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailgauge.touched import keep_domains, show_events

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse

_HEARD = """
    select recipient_domain, response_clue as token, count(*) as responses
    from touched_attributed_events
    where response_clue is not null
    group by all
"""


def count_responses(lake: Warehouse) -> None:
    """Count again what all events say of their domains, expired ones too; the events are shown."""
    lake.execute("delete from raw.domain_responses")
    lake.execute(
        f"""
        insert into raw.domain_responses by name
        select recipient_domain, token, sum(responses)::bigint as responses
        from ({_HEARD} union all by name select * from raw.retained_domain_responses)
        group by all
        """
    )


def add_responses(lake: Warehouse) -> None:
    """Add what the events that are shown say of their domains to what is known of them."""
    lake.execute(f"create or replace temp table heard as {_HEARD}")
    if lake.value("select count(*) from heard"):
        lake.execute(
            """
            merge into raw.domain_responses as t using heard as h
            on t.recipient_domain = h.recipient_domain and t.token = h.token
            when matched then update set responses = t.responses + h.responses
            when not matched then insert (recipient_domain, token, responses)
                values (h.recipient_domain, h.token, h.responses)
            """
        )
        keep_domains(lake)
    lake.execute("drop table heard")


def retain_responses(lake: Warehouse) -> None:
    """Keep what the events of the messages in `expiring` say of their domains."""
    keep_domains(lake)
    show_events(lake, "select * from raw.events where message_id in (select message_id from expiring)")
    lake.execute(f"insert into raw.retained_domain_responses by name {_HEARD}")


def find_moved(lake: Warehouse) -> bool:
    """Name the domains whose provider is another than the marts were built with; tells whether there are any.

    What is known of the domains is at hand.
    """
    lake.execute(
        """
        create or replace temp table moved_domains as
        select distinct recipient_domain
        from (
            from touched_domains where isp_rank > 1
            union all by name
            from marts.domain_isps
        )
        group by recipient_domain, isp, isp_rank, isp_evidence, isp_clue, gateway, gateway_rank
        having count(*) = 1
        """
    )
    return bool(lake.value("select count(*) from moved_domains"))


def move_domains(lake: Warehouse) -> str:
    """Bring marts.domain_isps up to date with what was found to have moved; returns SQL of the messages concerned.

    Those whose own response tells their provider stay as they are.
    """
    moved = "recipient_domain in (select recipient_domain from moved_domains)"
    lake.execute(f"delete from marts.domain_isps where {moved}")
    lake.execute(f"insert into marts.domain_isps by name select * from touched_domains where isp_rank > 1 and {moved}")
    return f"select message_id from marts.outcomes where isp_evidence <> 'response' and {moved}"
