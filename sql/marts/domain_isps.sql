-- One row per recipient domain in no list whose mailbox provider or gateway other mail or its MX tells, as last built.
-- Where staging.domain_isps has come to say something else, the messages to the domain are computed again.
select *
from touched_domains
where isp_rank > 1
