-- One row per question that a run of the advisor put to a resolver, whose answer is good until expires_at.
-- What no name server answered is not kept: it is asked again.
create table if not exists raw.dns_answers (
    resolver varchar not null,
    name varchar not null,
    kind varchar not null,
    message varchar not null,
    expires_at timestamp not null
);
