-- One row: whether every record that arrived is accounted for, and whether the marts know it.
-- The variable gate_now is the time of the run. Ingest and build are two commits, so that a run in between meets
-- objects that wait for their build; after an hour nobody is building them.
-- The shares are of what was loaded since the day asked for (gate_day) began: a long history would hide a bad day.
with built as (
    select coalesce(max(object_id), 0) as object_id
    from raw.builds
),

objects as (
    select
        o.*,
        o.status = 'loaded' and o.object_id > b.object_id as is_waiting,
        o.loaded_at >= getvariable('gate_day') as is_recent
    from raw.objects as o
    cross join built as b
),

ledger as (
    select
        count(*) filter (
            where status = 'loaded' and records <> loaded + duplicates + quarantined
        ) as unbalanced_objects,
        count(*) filter (where status = 'failed') as failed_objects,
        count(*) filter (
            where is_waiting and loaded_at < getvariable('gate_now') - interval 1 hour
        ) as unbuilt_objects,
        count(*) filter (
            where is_waiting and loaded_at >= getvariable('gate_now') - interval 1 hour
        ) as waiting_objects,
        (
            sum(quarantined) filter (where is_recent) / nullif(sum(records) filter (where is_recent), 0)
        )::double as quarantined_share,
        (
            sum(duplicates) filter (where is_recent) / nullif(sum(records) filter (where is_recent), 0)
        )::double as duplicate_share
    from objects
),

held as (
    select
        object_uri,
        count(*) as records
    from raw.quarantine
    group by object_uri
),

quarantine as (
    select
        coalesce(sum(abs(
            coalesce(o.quarantined, 0) - coalesce(h.records, 0) - coalesce(e.records, 0)
        )), 0)::bigint as unaccounted_quarantine
    from raw.objects as o
    full join held as h on o.object_uri = h.object_uri
    left join raw.expired_quarantine as e on o.object_id = e.object_id
)

select
    l.*,
    q.unaccounted_quarantine
from ledger as l
cross join quarantine as q
