"""What a build learns of the mailbox providers of recipient domains: from responses to other mail, and from their MX.

Counts are sums over events, and what a domain's provider is follows from the counts and the MX alone: neither the order
nor the number of builds changes it. Where it changes, the messages to that domain are computed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailgauge.warehouse import Warehouse

_HEARD = """
    select recipient_domain, response_clue as token, count(*) as responses
    from staging.attributed_events
    where response_clue is not null and {condition}
    group by all
"""


def count_responses(lake: Warehouse) -> None:
    """Count again what all events say of their domains, expired ones too."""
    lake.execute("delete from raw.domain_responses")
    lake.execute(
        f"""
        insert into raw.domain_responses by name
        select recipient_domain, token, sum(responses)::bigint as responses
        from ({_HEARD.format(condition="true")} union all by name select * from raw.retained_domain_responses)
        group by all
        """
    )


def add_responses(lake: Warehouse, built: int) -> None:
    """Add what the events of objects after `built` say of their domains."""
    lake.execute(f"create or replace temp table heard as {_HEARD.format(condition=f'object_id > {built}')}")
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
    lake.execute("drop table heard")


def retain_responses(lake: Warehouse) -> None:
    """Keep what the events of the messages in `expiring` say of their domains."""
    expiring = "message_id in (select message_id from expiring)"
    lake.execute(f"insert into raw.retained_domain_responses by name {_HEARD.format(condition=expiring)}")


def find_moved(lake: Warehouse) -> bool:
    """Name the domains whose provider is another than the marts were built with; tells whether there are any."""
    lake.execute("create or replace temp table known_domains as select * from staging.domain_isps where isp_rank > 1")
    lake.execute(
        """
        create or replace temp table moved_domains as
        select recipient_domain from (select * from known_domains except select * from marts.domain_isps)
        union
        select recipient_domain from (select * from marts.domain_isps except select * from known_domains)
        """
    )
    return bool(lake.value("select count(*) from moved_domains"))


def move_domains(lake: Warehouse) -> str:
    """Bring marts.domain_isps up to date with what was found to have moved; returns SQL of the messages concerned.

    Those whose own response tells their provider stay as they are.
    """
    moved = "recipient_domain in (select recipient_domain from moved_domains)"
    lake.execute(f"delete from marts.domain_isps where {moved}")
    lake.execute(f"insert into marts.domain_isps by name select * from known_domains where {moved}")
    return f"select message_id from marts.outcomes where isp_evidence <> 'response' and {moved}"
