-- One row in a warehouse that has pseudonyms instead of people's addresses, none in one that has addresses.
-- key_check tells whether a key is the one that made them: a keyed hash of a fixed text, from which no key is found.
create table if not exists raw.pseudonymisations (
    key_check varchar not null,
    begun_at timestamp not null
);
