-- One row per address and minute in which it clicked for at least five recipients in at least three companies, as only
-- a scanner, or a gateway that many share, does. Domains of mailbox providers count for nothing: one address of a
-- mobile network clicks for many of their users. A build learns new ones; is_retained: of clicks that have expired.
create table if not exists raw.shared_ips (
    ip_address varchar not null,
    clicked_minute timestamp not null,
    is_retained boolean not null
);
