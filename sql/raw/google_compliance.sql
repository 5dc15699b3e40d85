-- One row per domain and requirement of Google's for senders (Postmaster Tools, API v2, compliance status), as of the
-- newest import: status is COMPLIANT or NEEDS_WORK. Google's verdicts on unsubscribing and deliverability are among the
-- requirements. is_of_subdomains: it speaks of the mail of the domain's subdomains.
create table if not exists raw.google_compliance (
    domain varchar not null,
    is_of_subdomains boolean not null,
    requirement varchar not null,
    status varchar not null,
    reason varchar,
    imported_at timestamp not null,
    object_uri varchar not null
);
