-- Not a relation: a text without NULs, each of which becomes the sign that stands for what cannot be shown.
create or replace temp macro without_nul(t) as
case when contains(t, chr(0)) then replace(t, chr(0), chr(65533)) else t end;
