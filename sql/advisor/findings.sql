-- One row per finding that a check ever had: a check may say several kinds of things about one resource.
-- It is OPEN from the run that saw it to the run that checked and did not see it, then FIXED, and OPEN again when it
-- comes back (regressed_at): first_seen_at stays. Until muted_until it is not shown. A run that could not check
-- changes nothing.
-- resource: <dimension>:<value>, as in identity:news.shop.example or isp:Yahoo.
-- day is the newest day that it was judged for: advice for an older day changes nothing.
create table if not exists advisor.findings (
    "check" varchar not null,
    resource varchar not null,
    kind varchar not null,
    impact varchar not null,
    status varchar not null,
    title varchar not null,
    evidence json not null,
    remedy varchar not null,
    reference_urls varchar[] not null,
    "day" date not null,
    first_seen_at timestamp not null,
    last_seen_at timestamp not null,
    fixed_at timestamp,
    muted_until timestamp,
    mute_reason varchar,
    regressed_at timestamp
);
