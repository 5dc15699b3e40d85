-- One row per part of a network (machine_networks.csv) that a build knows machines by: evidence is scanner_network or
-- data_centre of staging.machine_evidence. prefix is the first half of an IPv4 address, or the first two groups of an
-- IPv6 one; first_rest and last_rest bound what follows: the second half, or the next two groups. Made anew when the
-- file changes.
create table if not exists raw.machine_networks (
    prefix varchar not null,
    first_rest bigint not null,
    last_rest bigint not null,
    owner varchar not null,
    evidence varchar not null
);
