-- One row per mailbox provider that is known to complain to SES from a complaint that has expired.
create table if not exists marts.retained_feedback_isps as select * from marts.feedback_isps
where false;
