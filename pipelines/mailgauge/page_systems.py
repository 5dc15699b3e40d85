"""SES's other systems on a page: tenants, account and regions, dedicated IPs; pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailgauge.page_sections import PlainRow, PlainSection, PlainTable, Share
from mailgauge.page_words import counts_text, join_words, long_day, many_text, name_text, points_text, short_day
from mailgauge.rates import Rate, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mailgauge.page_figures import Figures

    Row = Mapping[str, Any]
    """A row of sql/systems."""

_MOST = 15
"""How many tenants a table shows."""

_MOST_PROVIDERS = 6
"""How many providers stand under an address."""

_NONE = "—"


def make_systems(figures: Figures) -> Iterator[PlainSection]:
    """The sections of those systems that there are."""
    systems = figures.systems
    if systems.get("tenants"):
        yield _make_tenants(figures, systems["tenants"])
    if systems.get("reputation") or systems.get("regions"):
        yield _make_account(figures)
    if systems.get("ip_days"):
        yield _make_ips(figures, systems["ip_days"])


def _make_tenants(figures: Figures, tenants: Sequence[Row]) -> PlainSection:
    order = sorted(tenants, key=lambda row: (not row["standard_pauses"], not row["strict_pauses"], -row["sends"]))
    rows = [_make_tenant(figures, row) for row in order[:_MOST]]
    if len(order) > _MOST:
        sends = sum(row["sends"] for row in order[_MOST:])
        rows.append(PlainRow(f"{len(order) - _MOST:,} others together", "rest", (f"{sends:,}", "", "", "", "", "", "")))
    caption = (
        "Tenants over the seven days up to this one, and what SES's reputation policies would do: standard pauses on "
        "a finding of high impact, strict on any. Beside AWS's own findings counts the one line it shows: 15 % bounces"
    )
    heads = ("Tenant", "Sent to", "Bounced", "Complained", "AWS findings", "Sending", "Standard", "Strict")
    return PlainSection("tenants", "Tenants", _say_tenants(tenants), (PlainTable(caption, heads, tuple(rows)),))


def _make_tenant(figures: Figures, row: Row) -> PlainRow:
    findings = [f"{row[f'{impact}_findings']:,} {impact}" for impact in ("high", "low") if row[f"{impact}_findings"]]
    counts = (
        f"{row['sends']:,}",
        _rate(figures, row["permanent_bounces"], row["attempts"]),
        _rate(figures, row["complaints"], row["feedback_deliveries"]),
        ", ".join(findings) or _NONE,
        "stopped" if row["is_disabled"] else "on",
        "would pause" if row["standard_pauses"] else _NONE,
        "would pause" if row["strict_pauses"] else _NONE,
    )
    return PlainRow(name_text(row["tenant"]), "named", counts)


def _rate(figures: Figures, numerator: int, denominator: int) -> str:
    return Rate(numerator, denominator).words(figures.minimum)


def _say_tenants(tenants: Sequence[Row]) -> str:
    stopped = sum(row["is_disabled"] for row in tenants)
    standard = sum(row["standard_pauses"] for row in tenants)
    strict = sum(row["strict_pauses"] for row in tenants)
    said = f"{many_text(len(tenants), 'tenant')} sent mail in these days or had a word from AWS"
    if not strict and not stopped:
        return f"{said}; none of them gives a policy a reason to pause it."
    paused = f"the standard policy has a reason to pause {standard:,} of them, the strict one {strict:,}"
    return f"{said}; {paused}" + (f". Sending is stopped for {stopped:,}." if stopped else ".")


def _make_account(figures: Figures) -> PlainSection:
    regions = figures.systems.get("regions", ())
    tables = [_make_standing(figures), _make_limits(figures)]
    if len(regions) > 1 or any(row["is_silent"] for row in regions):
        tables.insert(0, _make_regions(figures, regions))
    return PlainSection("account", "Account and regions", _say_account(figures), tuple(filter(None, tables)))


def _say_account(figures: Figures) -> str:
    rows = figures.systems.get("reputation", ())
    unwell = [f"{_name_place(row, figures)} ({row['standing']})" for row in rows if row["standing"] != "healthy"]
    silent = [_name_place(row, figures) for row in figures.systems.get("regions", ()) if row["is_silent"]]
    said = (
        f"Over the lines on which AWS acts: {join_words(unwell)}." if unwell else "Under the lines on which AWS acts."
    )
    return said + (f" Gone silent: {join_words(silent)}." if silent else "")


def _name_place(row: Row, figures: Figures) -> str:
    """The region; with its account where there are several."""
    accounts = {one["account_id"] for name in ("regions", "reputation") for one in figures.systems.get(name, ())}
    region = name_text(row["region"])
    return f"{region} of {name_text(row['account_id'])}" if len(accounts) > 1 else region


def _make_regions(figures: Figures, regions: Sequence[Row]) -> PlainTable:
    rows = tuple(
        PlainRow(
            _name_place(row, figures),
            "named",
            (
                f"{row['sends']:,}",
                _NONE if row["share"] is None else percent(row["share"]),
                _NONE if row["shift"] is None else points_text(row["shift"]),
                f"silent since {short_day(row['last_day'])}" if row["is_silent"] else short_day(row["last_day"]),
            ),
        )
        for row in regions
    )
    caption = f"Regions side by side over the seven days up to {long_day(figures.day)}, and the seven before"
    return PlainTable(caption, ("Region", "Sent to", "Share", "Shift", "Last mail"), rows)


def _make_standing(figures: Figures) -> PlainTable | None:
    rows = tuple(
        PlainRow(
            _name_place(row, figures),
            "named",
            (f"{row['recipients']:,}", f"{row['since_hour']:%Y-%m-%d %H:%M}", row["standing"]),
            (
                _make_share(figures, row["bounces"], row["recipients"]),
                _make_share(figures, row["complaints"], row["feedback_deliveries"]),
            ),
        )
        for row in figures.systems.get("reputation", ())
    )
    caption = (
        "The last recipients against AWS's lines: it reviews accounts from 5 % bounces or 0.1 % complaints, and may "
        "pause them from 10 % or 0.5 %. Over how much mail AWS reckons is not published: here over the setting "
        "reputation_recipients, in whole hours"
    )
    heads = ("Region", "Recipients", "Since", "Standing", "Bounced", "Complained")
    return PlainTable(caption, heads, rows) if rows else None


def _make_share(figures: Figures, numerator: int, denominator: int) -> Share:
    rate = Rate(numerator, denominator)
    return Share(rate.words(figures.minimum), counts_text(rate) if denominator else "", "", "")


def _make_limits(figures: Figures) -> PlainTable | None:
    rows = tuple(
        PlainRow(
            _name_place(row, figures),
            "named",
            (
                f"{row['trailing_24_hours']:,}",
                f"{row['peak_24_hours']:,}",
                _say_use(row["quota_day"], row["used_day"]),
                _NONE if row["peak_second"] is None else f"{row['peak_second']:,}",
                _say_use(row["quota_second"], row["used_second"]),
                _say_until(row),
            ),
        )
        for row in figures.systems.get("limits", ())
    )
    caption = (
        "Sending limits: recipients in the newest 24 hours, the most in any 24 of 30 days, the peak second of two days"
    )
    heads = (
        "Region",
        "Newest 24 hours",
        "Most in 24 hours",
        "Of the quota",
        "Peak second",
        "Of the rate",
        "Reached in",
    )
    return PlainTable(caption, heads, rows) if rows else None


def _say_use(quota: float | None, used: float | None) -> str:
    return "no quota set" if quota is None or used is None else f"{percent(used)} of {quota:,g}"


def _say_until(row: Row) -> str:
    if row["quota_day"] is None or row["days_until"] is None:
        return _NONE
    return many_text(row["days_until"], "day") if row["days_until"] else "now"


def _make_ips(figures: Figures, days: Sequence[Row]) -> PlainSection:
    sums = Counter[str]()
    for row in days:
        sums[row["sending_ip"]] += row["recipients"]
    rows: list[PlainRow] = []
    for ip, _ in sums.most_common():
        rows += _list_ip(figures, ip, [row for row in days if row["sending_ip"] == ip])
    caption = (
        f"Recipients by dedicated IP and provider over the 45 days up to {long_day(figures.day)}, the curve of each "
        "day at the end; an address stays warm where a provider gets several hundred on one day of 30 at least"
    )
    heads = ("Address", "Sent to", "Best day", "This day", "Delayed", "Bounced", "45 days")
    said = f"{many_text(len(sums), 'IP')} of your pools sent mail in 45 days."
    new = sorted({row["sending_ip"] for row in days if row["is_new_ip"] and _is_warming(figures, row)})
    warming = f" Warming up: {join_words([_name_warming(figures, ip, days) for ip in new])}." if new else ""
    return PlainSection("sending-ips", "Dedicated IPs", said + warming, (PlainTable(caption, heads, tuple(rows)),))


def _is_warming(figures: Figures, row: Row) -> bool:
    return bool((figures.day - row["first_day_of_ip"]).days < len(_SPAN))


_SPAN = range(44, -1, -1)
"""The days of the curve, back from the newest."""


def _name_warming(figures: Figures, ip: str, days: Sequence[Row]) -> str:
    first = next(row["first_day_of_ip"] for row in days if row["sending_ip"] == ip)
    return f"{ip} (day {(figures.day - first).days + 1})"


def _list_ip(figures: Figures, ip: str, days: Sequence[Row]) -> list[PlainRow]:
    pools = [name for name, addresses in figures.pools.items() if ip in addresses]
    sums = Counter[str]()
    for row in days:
        sums[row["isp"]] += row["recipients"]
    shown = [isp for isp, _ in sums.most_common(_MOST_PROVIDERS)]
    rows = [_make_ip(figures, f"{ip} · {join_words(pools)}", "named", days)]
    return rows + [_make_ip(figures, isp, "part", [row for row in days if row["isp"] == isp]) for isp in shown]


def _make_ip(figures: Figures, name: str, kind: str, days: Sequence[Row]) -> PlainRow:
    by_day = Counter[Any]()
    for row in days:
        by_day[row["day"]] += row["recipients"]
    curve = [by_day[figures.day - timedelta(days=back)] for back in _SPAN]
    counts = (f"{by_day.total():,}", f"{max(curve):,}", f"{curve[-1]:,}")
    shares = tuple(
        _make_share(figures, sum(row[name] for row in days), by_day.total())
        for name in ("delayed", "permanent_bounces")
    )
    first = next((at for at, many in enumerate(curve) if many), 0)
    history = (None if at < first else float(many) for at, many in enumerate(curve))
    return PlainRow(name, kind, counts, shares, tuple(history))
