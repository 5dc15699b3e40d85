-- One row per identity, configuration set and kind of List-Unsubscribe header of its mail in the seven days up to
-- last_day: the recipients of such mail, where its Send tells the headers.
select
    identity,
    configuration_set,
    unsubscribe_header,
    count(*) as recipients
from marts.outcomes
where
    "day" between getvariable('last_day')::date - 6 and getvariable('last_day')::date
    and identity is not null and unsubscribe_header is not null and not is_simulator
group by identity, configuration_set, unsubscribe_header
order by identity asc, configuration_set asc, unsubscribe_header asc
