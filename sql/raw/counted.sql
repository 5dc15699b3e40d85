-- One row per thing that an expired outcome has counted, such as the first open of a recipient of a message, so that
-- the same told again, late or in another object, does not count a second time.
-- digest is the lower half of the MD5 of message id, recipient and the name of the thing: a message id is long and
-- random, so that nobody finds an address in it who does not have the message id already.
create table if not exists raw.counted (
    digest ubigint not null
);
