-- Not a relation: the macros that arrivals.sql wraps around what may name a person, where pseudonyms are wanted.
-- plain.sql has the same macros for where they are not. The variables hold HMAC's pads and the patterns of
-- mentions.py; pseudonyms.py says what a pseudonym is and makes the same ones.
create or replace temp macro hashed_address(message) as
'person-' || left(
    sha256(getvariable('pseudonym_outer') || unhex(sha256(getvariable('pseudonym_inner') || encode(message)))), 32
);

-- a: one address in lower case
create or replace temp macro kept_address(a) as
case
    when a is null then null
    when not contains(a, '@') then if(regexp_full_match(a, getvariable('pseudonym_kept')), a, hashed_address(a))
    when regexp_full_match(
        left(a, length(a) - length(split_part(a, '@', -1)) - 1), getvariable('pseudonym_kept')
    ) then a
    else hashed_address(a) || '@' || split_part(a, '@', -1)
end;

-- a: an address as a header has it, with or without a display name
create or replace temp macro kept_sender(a) as
kept_address(nullif(lower(trim(if(contains(a, '<'), regexp_extract(a, '<([^<>]*)>[^<>]*$', 1), a))), ''));

-- Within a lambda a pattern is compiled for each value, which costs more than all the rest: the usual goes without.
create or replace temp macro decoded_local(local_part) as
case
    when not (contains(local_part, '%') or contains(local_part, '\')) then lower(local_part)
    else lower(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(
            replace(local_part, '\"', '"'),
            '%(?:25)*2[Bb]', '+', 'g'
        ), '%(?:25)*2[Dd]', '-', 'g'), '%(?:25)*2[Ee]', '.', 'g'), '%(?:25)*5[Ff]', '_', 'g')
    )
end;

create or replace temp macro names_nobody(local_part) as
case
    when length(local_part) >= 39 or starts_with(local_part, '*')
        then regexp_full_match(local_part, getvariable('pseudonym_kept'))
    else local_part = ''
end;

-- found: what a pattern of mentions.py found, which is an address or something that stays
create or replace temp macro mention_parts(found) as
case
    when not (contains(found, '@') or contains(found, '40') or contains(found, ';') or contains(found, '＠'))
        then { 'l': '', 's': '', 'd': '' }
    when contains(found, '@') and translate(split_part(found, '@', -1), '%\&＠', '') = split_part(found, '@', -1)
        then {
            'l': left(found, length(found) - length(split_part(found, '@', -1)) - 1),
            's': '@',
            'd': split_part(found, '@', -1)
        }
    else regexp_extract(found, getvariable('mention_parts'), ['l', 's', 'd'])
end;

-- What stands before each thing that was found, the thing, its parts, and its local part decoded: one after the other,
-- because a macro works out an argument as often as it uses it.
create or replace temp macro found_mentions(t, pattern) as
list_transform(
    list_transform(
        list_zip(regexp_split_to_array(t, pattern), regexp_extract_all(t, pattern)),
        lambda p: { 'before': p[1], 'whole': p[2], 'parts': mention_parts(p[2]) }
    ),
    lambda p: { 'before': p.before, 'whole': p.whole, 'parts': p.parts, 'local': decoded_local(p.parts.l) }
);

-- m: one of found_mentions; masked: what becomes of it where it is no address
create or replace temp macro kept_mention(m, masked) as
case
    when coalesce(m.local, '') = '' then coalesce(masked, '')
    when names_nobody(m.local) then m.whole
    else hashed_address(m.local || '@' || lower(m.parts.d)) || m.parts.s || m.parts.d
end;

create or replace temp macro masked_text(t, names) as
if(names is null, t, regexp_replace(t, names, '***', 'gi'));

create or replace temp macro masked_json(t, names) as
if(names is null, t, regexp_replace(t, '"[^"\\]*(?:' || names || ')[^"\\]*"(\s*[,\]}])', '"***"\1', 'gi'));

create or replace temp macro may_mention(t) as
contains(t, '@') or contains(t, '%') or contains(t, '\u') or contains(t, '&#') or contains(t, '＠');

-- Addresses become pseudonyms, and what stands between them loses the bare local parts in names.
create or replace temp macro kept_text(t, names) as
case
    when may_mention(t) is not true then masked_text(t, names)
    else array_to_string(list_transform(
        found_mentions(t, getvariable('mentions_in_text')),
        lambda m: masked_text(m.before, names) || kept_mention(m, masked_text(m.whole, names))
    ), '')
end;

-- An identifier or a word of SES's, which mentions an address only where something is wrong.
create or replace temp macro kept_value(t) as
if(contains(t, '@'), kept_text(t, null), t);

-- As kept_text, for JSON, which stays JSON.
create or replace temp macro kept_json(t, names) as
case
    when may_mention(t) is not true then masked_json(t, names)
    else array_to_string(list_transform(
        found_mentions(t, getvariable('mentions_in_json')),
        lambda m: masked_json(m.before, names) || kept_mention(m, masked_json(m.whole, names))
    ), '')
end;

-- The bare local parts of addresses that stand in texts, as one pattern; null where there are none.
create or replace temp macro kept_names(addresses, lower_texts) as
nullif(array_to_string(
    list_transform(
        list_reverse_sort(list_filter(
            list_transform(addresses, lambda a: trim(lower(split_part(
                left(a, greatest(length(a) - length(split_part(a, '@', -1)) - 1, 0)), '<', -1
            )))),
            lambda n: case
                when length(n) >= 3 and contains(lower_texts, n)
                    then not contains(getvariable('mention_roles'), ' ' || n || ' ') and not names_nobody(n)
                else false
            end
        )),
        lambda n: if(regexp_matches(n, '^\w'), '\b', '') || regexp_escape(n) || if(regexp_matches(n, '\w$'), '\b', '')
    ), '|'
), '');
