"""How long a metric takes by which dimensions, over a warehouse of ten million recipients in 90 days.

    python benchmarks/metrics.py [--messages 10000000] [--repeats 3] [--data benchmarks/data]

The outcomes are made by SQL: 30 identities, 40 providers, 50,000 recipient domains, 500 subjects and campaigns, 20 IP
addresses. About three events make an outcome.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from mailgauge.marts import COUNTED, add_counts, hide_changes, show_changes
from mailgauge.metrics import LATENCY, Question, list_metrics, read_metric
from mailgauge.warehouse import Warehouse
from measuring import read_arguments

if TYPE_CHECKING:
    from pathlib import Path

OUTCOMES = 10_000_000
PAIRS = (
    ("identity", "isp"),
    ("hour", "isp"),
    ("sending_ip", "isp"),
    ("from_domain", "tls_version"),
    ("policy_rule", "isp"),
)
TEXTS = (("subject",), ("tag:campaign",), ("tag:campaign", "isp"), ("recipient_domain",))

_MADE = """
    with numbered as (
        select i, hash(i) as h, hash(i * 7 + 1) % 1000 as v, hash(i) % 1000 / 1000.0 as u,
            timestamp '2026-08-01' + to_seconds((i * 7776000 // {count})::bigint) as sent
        from range({count}) as t (i)
    )
    select
        sent::date as "day",
        'message-' || i as message_id,
        'person' || h % 3000000 || '@d' || h % 50000 || '.example' as recipient,
        'd' || h % 50000 || '.example' as recipient_domain,
        'isp' || h % 40 as isp,
        h % 2 = 0 as is_feedback_capable,
        false as is_simulator,
        v % 20 <> 0 as is_single_recipient,
        false as is_send_unseen,
        v >= 980 as is_expired,
        '111122223333' as account_id,
        'eu-west-1' as region,
        'identity' || i * 17 % 30 as identity,
        'from' || i * 17 % 30 as from_domain,
        'set' || i * 17 % 5 as configuration_set,
        'tenant' || i * 17 % 10 as tenant,
        'Subject ' || i * 500 // {count} as subject,
        '{{"campaign":["c' || i * 500 // {count} || '"],"ses:source-ip":["192.0.2.' || h % 50 || '"]}}' as tags,
        '198.51.100.' || h % 20 as outgoing_ip,
        case when v < 100 then 'TLSv1.2' else 'TLSv1.3' end as tls_version,
        sent as sent_at,
        sent as send_seen_at,
        case when v < 960 then sent + to_milliseconds((exp(u * 6) * 500)::bigint) end as delivered_at,
        case when v < 960 then (exp(u * 6) / 2)::float end as delivery_seconds,
        case when v between 960 and 979 then sent + interval 5 minute end as permanent_bounced_at,
        case when v >= 980 then sent + interval 14 hour end as transient_bounced_at,
        case when v % 20 = 0 then sent + interval 1 minute end as delayed_at,
        case when v = 3 then sent + interval 1 day end as complained_at,
        case when v < 400 then sent + interval 2 hour end as opened_at,
        case when v < 200 then sent + interval 3 hour end as human_opened_at,
        case when v < 60 then sent + interval 3 hour end as clicked_at,
        case when v < 40 then sent + interval 3 hour end as human_clicked_at
    from numbered
"""


def keep_outcomes(data: Path, count: int) -> Path:
    """A warehouse of so many outcomes and what they count, made once."""
    folder = data / f"outcomes-{count}"
    if (folder / "ready").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    with Warehouse(folder, memory_limit="4GiB") as lake, lake.transaction():
        lake.execute(f"insert into marts.outcomes by name {_MADE.format(count=count)}")
        show_changes(lake, "select *, 1 as weight from marts.outcomes")
        for name in COUNTED:
            add_counts(lake, name, is_empty=True)
        hide_changes(lake)
    (folder / "ready").touch()
    return folder


def time_question(lake: Warehouse, question: Question, repeats: int) -> float:
    """The quickest of its turns."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        read_metric(lake, question)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def main() -> None:
    """Print the slowest metric of each breakdown, and delivery_seconds by itself."""
    arguments = read_arguments(__doc__, messages=OUTCOMES)
    names = [name for name in list_metrics() if name != LATENCY]
    with Warehouse(keep_outcomes(arguments.data, arguments.messages), read_only=True) as lake:
        for by in (*PAIRS, *TEXTS):
            timed = {name: time_question(lake, Question(name, by=by), arguments.repeats) for name in names}
            slowest = max(timed, key=lambda name: timed[name])
            usual = sorted(timed.values())[len(timed) // 2]
            print(f"{', '.join(by):<24} {usual:6.3f} s usually  {timed[slowest]:6.3f} s at most ({slowest})")
        for by in (("isp",), ("identity", "isp")):
            seconds = time_question(lake, Question(LATENCY, by=by), arguments.repeats)
            print(f"{LATENCY} by {', '.join(by):<24} {seconds:6.3f} s")


if __name__ == "__main__":
    main()
