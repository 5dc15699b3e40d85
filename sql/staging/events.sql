-- One row per event and recipient, with what it says happened and at which mailbox provider.
-- happened is what the event counts as (design: what the counts mean); null where it counts as nothing.
--   suppressed: SES kept the mail back itself; not the global list (Suppressed), which AWS counts as a bounce.
--   auto_reply: an out-of-office answer arrives as Transient/General without status and reporting MTA.
--   not_spam: a recipient took a complaint back.
-- response is what the receiver said to a bounce or delay, masked; bounce_reason is what raw.responses makes of it
-- (mailgauge.reasons), except where SES's own word decides. is_expired: given up after trying, whatever for.
-- reporting_ip: SES writes its sending IP into a delivery's tags; for a bounce the name of the host that sent tells it
-- (aX-Y.smtp-out.REGION.amazonses.com is 54.240.X.Y; only names seen with their address), for a delay it stands there.
with classified as (
    select
        e.*,
        coalesce(e.recipient_domain = 'simulator.amazonses.com', false) as is_simulator,
        json_extract_string(e.tags, '/ses:outgoing-tls-version/0') as tls_version,
        case
            when e.reporting_mta is null or e.outgoing_ip is not null then e.outgoing_ip
            when e.event_type = 'DeliveryDelay' and regexp_full_match(e.reporting_mta, '[0-9a-f]+([.:]+[0-9a-f]+){3,}')
                then e.reporting_mta
            when
                regexp_full_match(
                    e.reporting_mta, '(a|b|e)[0-9]{1,3}-[0-9]{1,3}[.]smtp-out[.]([a-z0-9-]+[.])?amazonses[.]com'
                )
                then regexp_replace(
                    case
                        when starts_with(e.reporting_mta, 'a192-') then '199.255.192'
                        when starts_with(e.reporting_mta, 'a') then '54.240'
                        when starts_with(e.reporting_mta, 'b') then '69.169'
                        else '23.251'
                    end || '.' || regexp_extract(e.reporting_mta, '^(?:a192-|.)([0-9-]+)[.]', 1),
                    '-', '.'
                )
        end as reporting_ip,
        case
            when e.event_type = 'Send' then 'send'
            when e.event_type = 'Delivery' then 'delivery'
            when e.event_type = 'Open' then 'open'
            when e.event_type = 'Click' then 'click'
            when e.event_type = 'DeliveryDelay' then 'delivery_delay'
            when e.event_type = 'Reject' then 'reject'
            when e.event_type = 'Rendering Failure' then 'rendering_failure'
            when e.event_type = 'Bounce' and e.bounce_sub_type in (
                'OnAccountSuppressionList', 'OnTenantSuppressionList', 'EmailValidationSuppressed'
            ) then 'suppressed'
            when e.event_type = 'Bounce' and e.bounce_type = 'Permanent' then 'permanent_bounce'
            when
                e.event_type = 'Bounce' and e.bounce_type = 'Transient' and e.bounce_sub_type = 'General'
                and e.status is null and e.reporting_mta is null
                then 'auto_reply'
            when e.event_type = 'Bounce' and e.bounce_type = 'Transient' then 'transient_bounce'
            when e.event_type = 'Bounce' then 'undetermined_bounce'
            when
                e.event_type = 'Complaint'
                and e.complaint_sub_type in ('OnAccountSuppressionList', 'OnTenantSuppressionList')
                then null
            when e.event_type = 'Complaint' and lower(e.complaint_feedback_type) = 'not-spam' then 'not_spam'
            when e.event_type = 'Complaint' then 'complaint'
            when e.event_type = 'Subscription' and e.new_topic_preferences ilike '%"unsubscribeAll"%:%true%'
                then 'unsubscribe'
        end as happened
    from staging.attributed_events as e
),

answered as (
    select
        *,
        case
            when event_type in ('Bounce', 'DeliveryDelay') and coalesce(diagnostic_code, status) is not null
                then lower(left(regexp_replace(
                    case
                        when diagnostic_code is null then status
                        when status is null or contains(diagnostic_code, status) then diagnostic_code
                        else status || ' ' || diagnostic_code
                    end,
                    '[\s[:cntrl:]]+', ' ', 'g'
                ), 1000))
        end as answer,
        case
            when starts_with(answer, 'smtp;') then substr(answer, 6)
            when starts_with(answer, 'x-') then split_part(answer, ';', 2)
            else answer
        end as said,
        -- Who and what varies is masked, so that what a receiver says to everybody is one text: the SMTP codes stay.
        regexp_replace(
            said, '[^\s<>()\[\]"'',;:=]*@[^\s<>()\[\]"'',;]*|<[^<>\s]*>|''[^''\s]+''|"[^"\s]+"', '[address]', 'g'
        ) as without_addresses,
        regexp_replace(
            without_addresses, '(^|[^/a-z0-9.@_-])([a-z0-9_-]+[.])+[a-z]{2,12}\b', '\1[host]', 'g'
        ) as without_hosts,
        regexp_replace(
            without_hosts,
            '\b[0-9]{1,3}([.][0-9]{1,3}){3}\b|\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){3,}[0-9a-f.]*'
            || '|[0-9]{4}-[0-9]{2}-[0-9]{2}t?[0-9:.]*z?|[a-z]*[0-9][a-z0-9]{8,}|[0-9]{5,}',
            '[id]', 'g'
        ) as without_numbers,
        regexp_replace(
            without_numbers,
            '(user unknown|(?:unknown|no such|invalid) (?:user|recipient|mailbox|local.?part))[: ]+[a-z0-9._+-]+',
            '\1 [name]', 'g'
        ) as without_names,
        trim(regexp_replace(
            without_names,
            '\b(user|mailbox|account|recipient|alias|local.?part) [a-z0-9._+-]{3,} '
            || '(is|does|doesn|not|has|was|unknown|over|unavailable)\b',
            '\1 [name] \2', 'g'
        )) as response
    from classified
),

masked as (
    select * exclude (answer, said, without_addresses, without_hosts, without_numbers, without_names)
    from answered
)

select
    m.*,
    case
        when m.event_type in ('Bounce', 'DeliveryDelay')
            then nullif(
                regexp_extract(m.diagnostic_code, '\b([45]\.7\.(?:2[3-9]|3[0-2]|515)|TSS?[0-9]{2})\b'), ''
            )
    end as policy_code,
    case
        when m.event_type not in ('Bounce', 'DeliveryDelay') then null
        when m.happened = 'suppressed' or m.bounce_sub_type = 'Suppressed' then 'suppressed'
        when m.happened = 'auto_reply' then 'auto_reply'
        when m.bounce_sub_type = 'MailboxFull' or m.delay_type = 'MailboxFull' then 'mailbox_full'
        when m.bounce_sub_type = 'MessageTooLarge' then 'message_too_large'
        when m.bounce_sub_type in ('ContentRejected', 'AttachmentRejected') then 'content_rejected'
        when coalesce(r.reason, 'undetermined') <> 'undetermined' then r.reason
        when m.bounce_sub_type = 'CustomTimeoutExceeded' then 'expired'
        when m.delay_type = 'SpamDetected' then 'spam_content'
        when m.delay_type in ('TransientCommunicationFailure', 'BYOIPHostNameLookupUnavailable') then 'network'
        when m.delay_type in ('RecipientServerError', 'InternalFailure') then 'remote_error'
        when m.delay_type = 'IPFailure' then 'reputation_block'
        when m.delay_type = 'SendingDeferral' then 'rate_limited'
        else 'undetermined'
    end as bounce_reason,
    case
        when m.event_type = 'Bounce'
            then coalesce(r.is_expired, false) or coalesce(m.bounce_sub_type = 'CustomTimeoutExceeded', false)
    end as is_expired
from masked as m
left join raw.responses as r on m.response = r.response
