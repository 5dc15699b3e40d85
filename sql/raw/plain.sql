-- Not a relation: the macros of pseudonymised.sql where no pseudonyms are wanted. Each is its argument and costs
-- nothing.
create or replace temp macro kept_address(a) as a;

create or replace temp macro kept_sender(a) as a;

create or replace temp macro kept_text(t, names) as t;

create or replace temp macro kept_value(t) as t;

create or replace temp macro kept_json(t, names) as t;

create or replace temp macro kept_names(addresses, lower_texts) as null::varchar;
