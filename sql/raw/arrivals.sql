-- One row per event and recipient of the records in `dump`, in the columns of raw.events, with what is wrong with it.
-- problem is null for a record that can be loaded. An event without any address keeps one row with recipient null.
-- event_id is the same for the same event however often and in whichever object it arrives: bounces and complaints
-- are known by their feedbackId, the others by their time and what tells two of a kind apart.
-- Opens and clicks name no recipient; SES's event is about mail.destination (AWS, event publishing contents).
-- Texts by which rows are joined hold no NUL, which the catalog cannot compare (without_nul, nul.sql).
-- The kept_ macros leave things as they are (plain.sql) or make pseudonyms of people (pseudonymised.sql).
-- Everything about the record is taken out of its objects before it is spread over its recipients: that is faster.
with records as (
    select
        file_index,
        _object,
        _position,
        _origin as origin,
        eventtype as event_type,
        without_nul(mail.messageid) as message_id,
        mail."timestamp" as mail_time,
        without_nul(mail.sendingaccountid) as sending_account_id,
        without_nul(mail.sourcearn) as arn,  -- arn:aws:ses:REGION:ACCOUNT:identity/NAME
        mail.source as source,
        mail.destination as destination,
        mail.tags as tags,
        json_transform(mail.tags, '{
            "ses:configuration-set": ["VARCHAR"], "ses:from-domain": ["VARCHAR"],
            "ses:tenant-name": ["VARCHAR"], "ses:outgoing-ip": ["VARCHAR"]
        }') as known_tags,
        mail.commonheaders.subject as subject,
        mail.commonheaders."from"[1] as from_address,
        mail.headerstruncated as headers_truncated,
        -- Those of the message are the same in all its events: once is enough. Those that count are known by the
        -- lengths of their names first, as lists are dear to copy.
        case when eventtype = 'Send' then list_filter(
            mail.headers, lambda h: strlen(h.name) in (14, 16, 21)
        ) end as headers,
        coalesce(bounce.feedbackid, complaint.feedbackid) as feedback_id,
        bounce.bouncetype as bounce_type,
        bounce.bouncesubtype as bounce_sub_type,
        coalesce(bounce.reportingmta, delivery.reportingmta, deliverydelay.reportingmta) as told_mta,
        coalesce(bounce.remotemtaip, delivery.remotemtaip) as remote_mta_ip,
        delivery.smtpresponse as smtp_response,
        delivery.processingtimemillis as processing_time,
        complaint.complaintsubtype as complaint_sub_type,
        complaint.complaintfeedbacktype as complaint_feedback_type,
        coalesce(complaint.useragent, "open".useragent, click.useragent) as user_agent,
        coalesce("open".ipaddress, click.ipaddress) as ip_address,
        coalesce("open".isbotevent, click.isbotevent) as is_bot_event,
        click.link as link,
        click.linktags as link_tags,
        reject.reason as reject_reason,
        failure.templatename as template_name,
        failure.errormessage as error_message,
        deliverydelay.delaytype as delay_type,
        deliverydelay.expirationtime as expiration_time,
        subscription.contactlist as contact_list,
        subscription.source as subscription_source,
        subscription.newtopicpreferences as new_topic_preferences,
        case eventtype
            when 'Bounce' then bounce."timestamp"
            when 'Complaint' then complaint."timestamp"
            when 'Delivery' then delivery."timestamp"
            when 'Open' then "open"."timestamp"
            when 'Click' then click."timestamp"
            when 'DeliveryDelay' then deliverydelay."timestamp"
            when 'Subscription' then subscription."timestamp"
        end as own_time,
        case eventtype
            when 'Bounce' then bounce.bouncedrecipients
            when 'Complaint' then complaint.complainedrecipients
            when 'DeliveryDelay' then deliverydelay.delayedrecipients
        end as named,
        case eventtype
            when 'Delivery' then delivery.recipients
            when 'Bounce' then list_transform(bounce.bouncedrecipients, lambda r: r.emailaddress)
            when 'Complaint' then list_transform(complaint.complainedrecipients, lambda r: r.emailaddress)
            when 'DeliveryDelay' then list_transform(deliverydelay.delayedrecipients, lambda r: r.emailaddress)
            else mail.destination
        end as addresses
    from dump
),

told as (
    select
        *,
        -- DuckDB reads a plain timestamp four times as fast, but passes over an offset.
        case
            when suffix(mail_time, 'Z') then try_cast(mail_time as timestamp)
            else try_cast(mail_time as timestamptz)::timestamp
        end as told_sent_at,
        case
            when own_time is null then null
            when suffix(own_time, 'Z') then try_cast(own_time as timestamp)
            else try_cast(own_time as timestamptz)::timestamp
        end as told_own_at,
        known_tags."ses:configuration-set"[1] as told_set,
        known_tags."ses:from-domain"[1] as told_domain,
        known_tags."ses:tenant-name"[1] as told_tenant,
        known_tags."ses:outgoing-ip"[1] as outgoing_ip,
        -- Tried first is how nearly all write it: to make lower case of all costs more.
        list_transform(
            headers,
            lambda h: case
                when h.name = 'List-Unsubscribe' or lower(h.name) = 'list-unsubscribe'
                    then if(
                        contains(h.value, 'https:') or contains(lower(h.value), 'https:'), 'https',
                        if(contains(lower(h.value), 'mailto:'), 'mailto', 'other')
                    )
                when h.name = 'List-Unsubscribe-Post' or lower(h.name) = 'list-unsubscribe-post'
                    then if(
                        h.value = 'List-Unsubscribe=One-Click' or lower(trim(h.value)) = 'list-unsubscribe=one-click',
                        'one-click', 'odd post'
                    )
                when lower(h.name) = 'dkim-signature' then 'dkim'
            end
        ) as told_headers,
        case
            when len(addresses) > 0 then addresses
            when len(destination) > 0 then destination
            else [null::varchar]
        end as recipients
    from records
),

timed as (
    select
        *,
        case when own_time is null then told_sent_at else told_own_at end as occurred_at
    from told
),

checked as (
    select
        *,
        case
            when told_sent_at between timestamp '2011-01-01' and timestamp '9999-01-01' then told_sent_at
        end as sent_at,
        kept_names(
            list_concat(recipients, destination),
            lower(concat_ws(
                ' ', subject, tags::varchar, smtp_response, error_message, link, link_tags, user_agent,
                new_topic_preferences, array_to_string(list_transform(named, lambda r: r.diagnosticcode), ' ')
            ))
        ) as names,
        -- Not what SES sends: worth a look at the record itself, which may be of another shape or not be JSON at all.
        (
            destination is null
            or list_count(destination) <> len(destination)
            or told_set is null
            or (own_time is null and event_type not in ('Send', 'Reject', 'Rendering Failure'))
            or addresses is null
            or list_count(addresses) <> len(addresses)
            or (bounce_type is null and event_type = 'Bounce')
            or (reject_reason is null and event_type = 'Reject')
            or (error_message is null and event_type = 'Rendering Failure')
            or (from_address is null and event_type not in ('DeliveryDelay', 'Rendering Failure'))
        ) as is_odd,
        case
            when event_type is null then 'it has no eventType'
            when event_type not in (
                'Send', 'Delivery', 'Bounce', 'Complaint', 'Reject', 'Open', 'Click', 'Rendering Failure',
                'DeliveryDelay', 'Subscription'
            ) then 'its eventType is none of SES''s ten: ' || left(event_type, 100)
            when message_id is null or (message_id < '!' and trim(message_id) = '') then 'it has no mail.messageId'
            when coalesce(own_time, mail_time) is null then 'it has no timestamp'
            when occurred_at is null
                then 'its timestamp cannot be read: ' || left(coalesce(own_time, mail_time), 100)
            when occurred_at < timestamp '2011-01-01'
                then 'its timestamp is before Amazon SES existed (2011): ' || left(coalesce(own_time, mail_time), 100)
            when occurred_at >= timestamp '9999-01-01'
                then 'its timestamp is not a time: ' || left(coalesce(own_time, mail_time), 100)
        end as problem
    from timed
),

spread as (
    select
        *,
        unnest(recipients) as told_address,
        unnest(generate_series(1, len(recipients))) as recipient_index
    from checked
),

addressed as (
    select
        *,
        -- "Jane Doe" <jane@example.com> is jane@example.com
        kept_address(nullif(lower(
            case
                when contains(address, '<') then trim(regexp_extract(address, '<([^<>]*)>[^<>]*$', 1))
                when contains(address, ' ') then trim(address)
                else address
            end
        ), '')) as recipient
    from (
        select
            *,
            without_nul(told_address) as address
        from spread
    ) as s
)

select
    unhex(md5(concat(
        event_type, chr(31), kept_value(message_id), chr(31), recipient, chr(31),
        coalesce(kept_value(feedback_id), epoch_ms(occurred_at)::varchar), chr(31),
        kept_text(link, names), chr(31), kept_value(ip_address), chr(31), kept_value(delay_type)
    )))::uuid as event_id,
    event_type,
    occurred_at,
    sent_at,
    coalesce(sent_at, occurred_at)::date as "day",
    kept_value(message_id) as message_id,
    recipient,
    case when contains(recipient, '@') then nullif(string_split(recipient, '@')[-1], '') end as recipient_domain,
    recipient_index,
    kept_value(coalesce(sending_account_id, nullif(split_part(arn, ':', 5), ''))) as account_id,
    coalesce(
        kept_value(nullif(split_part(arn, ':', 4), '')),
        case
            when starts_with(message_id, '0100') then 'us-east-1'
            when starts_with(message_id, '0101') then 'us-west-2'
            when starts_with(message_id, '0102') then 'eu-west-1'
            when starts_with(message_id, '0106') then 'ap-northeast-1'
        end
    ) as region,
    kept_text(nullif(string_split(arn, ':identity/')[2], ''), null) as identity,
    case
        when told_domain is not null then kept_value(lower(without_nul(told_domain)))
        else lower(nullif(regexp_extract(without_nul(coalesce(from_address, source)), '@([^@<>\s]+)[>\s]*$', 1), ''))
    end as from_domain,
    kept_value(without_nul(told_set)) as configuration_set,
    kept_value(without_nul(told_tenant)) as tenant,
    kept_text(subject, names) as subject,
    kept_json(tags::varchar, names) as tags,
    kept_sender(source) as source,
    kept_value(outgoing_ip) as outgoing_ip,
    kept_value(feedback_id) as feedback_id,
    kept_value(bounce_type) as bounce_type,
    kept_value(bounce_sub_type) as bounce_sub_type,
    kept_value(case when named is not null then named[recipient_index].status end) as status,
    kept_text(case when named is not null then named[recipient_index].diagnosticcode end, names) as diagnostic_code,
    -- documented as "dsn; host", seen as "dns; host"
    kept_value(
        case when contains(told_mta, ';') then trim(split_part(told_mta, ';', 2)) else told_mta end
    ) as reporting_mta,
    kept_value(remote_mta_ip) as remote_mta_ip,
    kept_text(smtp_response, names) as smtp_response,
    try_cast(processing_time as bigint) as processing_time_millis,
    kept_value(complaint_sub_type) as complaint_sub_type,
    kept_value(complaint_feedback_type) as complaint_feedback_type,
    kept_text(user_agent, names) as user_agent,
    kept_value(ip_address) as ip_address,
    kept_value(is_bot_event) as is_bot_event,
    kept_text(link, names) as link,
    kept_json(link_tags, names) as link_tags,
    kept_value(reject_reason) as reject_reason,
    kept_value(template_name) as template_name,
    kept_text(error_message, names) as error_message,
    kept_value(delay_type) as delay_type,
    case when expiration_time is not null then try_cast(expiration_time as timestamptz)::timestamp end as expires_at,
    kept_value(contact_list) as contact_list,
    kept_value(subscription_source) as subscription_source,
    kept_json(new_topic_preferences, names) as new_topic_preferences,
    -- What is cut off may have held the header.
    case
        when
            list_contains(told_headers, 'https')
            and list_contains(told_headers, 'one-click') and not list_contains(told_headers, 'odd post')
            then 'one-click'
        when list_contains(told_headers, 'https') then 'https'
        when list_contains(told_headers, 'mailto') then 'mailto'
        when list_contains(told_headers, 'other') then 'other'
        when headers is not null and coalesce(headers_truncated, '') <> 'true' then 'none'
    end as unsubscribe_header,
    case when list_contains(told_headers, 'dkim') then nullif(array_to_string(list_sort(list_distinct(list_filter(
        list_transform(
            list_filter(headers, lambda h: lower(h.name) = 'dkim-signature'),
            lambda h: lower(
                regexp_extract(h.value, '(?:^|;)\s*s\s*=\s*([^;\s]*)', 1) || '._domainkey.'
                || regexp_extract(h.value, '(?:^|;)\s*d\s*=\s*([^;\s]*)', 1)
            )
        ),
        lambda name: strlen(name) < 254 and regexp_full_match(name, '[a-z0-9_.-]+\._domainkey\.[a-z0-9_.-]+')
    ))), ' '), '') end as dkim_keys,
    origin,
    file_index,
    _object,
    _position,
    is_odd,
    problem
from addressed
