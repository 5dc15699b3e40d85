-- One row per event and recipient, with what it says happened and at which mailbox provider.
-- happened is what the event counts as (design: what the counts mean); null where it counts as nothing.
--   suppressed: SES kept the mail back itself; not the global list (Suppressed), which AWS counts as a bounce.
--   auto_reply: an out-of-office answer arrives as Transient/General without status and reporting MTA.
--   not_spam: a recipient took a complaint back.
-- bounce_reason knows what SES's own words and the plainest codes decide; everything else is undetermined.
with classified as (
    select
        e.*,
        coalesce(d.isp, 'Other') as isp,
        case when d.isp is null then 'none' else 'domain' end as isp_evidence,
        coalesce(e.recipient_domain = 'simulator.amazonses.com', false) as is_simulator,
        coalesce(lower(e.is_bot_event) = 'likely', false) as is_machine,
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
    from raw.events as e
    left join staging.isp_domains as d on e.recipient_domain = d.domain
)

select
    *,
    case
        when event_type not in ('Bounce', 'DeliveryDelay') then null
        when happened = 'suppressed' or bounce_sub_type = 'Suppressed' then 'suppressed'
        when happened = 'auto_reply' then 'auto_reply'
        when bounce_sub_type = 'MailboxFull' then 'mailbox_full'
        when bounce_sub_type = 'MessageTooLarge' then 'message_too_large'
        when bounce_sub_type in ('ContentRejected', 'AttachmentRejected') then 'content_rejected'
        when bounce_sub_type = 'CustomTimeoutExceeded' or status in ('4.4.7', '5.4.7') then 'expired'
        when diagnostic_code like '%4.4.7%' then 'expired'
        when status = '5.1.1' then 'invalid_recipient'
        when status in ('5.1.2', '5.4.4') then 'invalid_domain'
        when status = '5.2.1' then 'inactive_mailbox'
        when status in ('4.2.2', '5.2.2') then 'mailbox_full'
        else 'undetermined'
    end as bounce_reason
from classified
