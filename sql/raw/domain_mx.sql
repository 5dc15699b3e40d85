-- One row per recipient domain whose mail exchangers (MX) were asked for, as last heard: names in order of preference.
-- status: found; none, where the domain says that it has none; failed, where nobody told: a time-out is no answer.
-- Not asked again before expires_at; what was found once stands until another answer comes.
create table if not exists raw.domain_mx (
    recipient_domain varchar not null,
    mx_hosts varchar[],
    status varchar not null,
    looked_up_at timestamp not null,
    expires_at timestamp not null
);
