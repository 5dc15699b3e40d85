-- One row per record of the newline-delimited JSON files in the variable dump_files, in SES's own names.
-- Every leaf is text: numbers and booleans become text, times are read later, and only what has a shape can misfit.
-- A line that is no JSON gives a row of nulls, a value of another shape gives null; arrivals.sql tells both apart
-- from what SES sends, and those records are read again one by one.
-- DuckDB only: this is the one place where dumps are parsed.
select
    *,
    file_index
from read_json(
    getvariable('dump_files'),
    format = 'newline_delimited',
    ignore_errors = true,
    maximum_object_size = 33554432,
    columns = {
        "_object": 'BIGINT',
        "_position": 'BIGINT',
        "_origin": 'VARCHAR',
        "eventType": 'VARCHAR',
        "mail": 'STRUCT(
            "timestamp" VARCHAR, "messageId" VARCHAR, "source" VARCHAR, "sourceArn" VARCHAR,
            "sendingAccountId" VARCHAR, "destination" VARCHAR[], "tags" JSON,
            "commonHeaders" STRUCT("from" VARCHAR[], "subject" VARCHAR),
            "headers" STRUCT("name" VARCHAR, "value" VARCHAR)[], "headersTruncated" VARCHAR
        )',
        "bounce": 'STRUCT(
            "timestamp" VARCHAR, "feedbackId" VARCHAR, "bounceType" VARCHAR, "bounceSubType" VARCHAR,
            "bouncedRecipients" STRUCT("emailAddress" VARCHAR, "status" VARCHAR, "diagnosticCode" VARCHAR)[],
            "reportingMTA" VARCHAR, "remoteMtaIp" VARCHAR
        )',
        "complaint": 'STRUCT(
            "timestamp" VARCHAR, "feedbackId" VARCHAR, "complaintSubType" VARCHAR, "complaintFeedbackType" VARCHAR,
            "userAgent" VARCHAR,
            "complainedRecipients" STRUCT("emailAddress" VARCHAR, "status" VARCHAR, "diagnosticCode" VARCHAR)[]
        )',
        "delivery": 'STRUCT(
            "timestamp" VARCHAR, "recipients" VARCHAR[], "smtpResponse" VARCHAR, "processingTimeMillis" VARCHAR,
            "reportingMTA" VARCHAR, "remoteMtaIp" VARCHAR
        )',
        "reject": 'STRUCT("reason" VARCHAR)',
        "open": 'STRUCT("timestamp" VARCHAR, "ipAddress" VARCHAR, "userAgent" VARCHAR, "isBotEvent" VARCHAR)',
        "click": 'STRUCT(
            "timestamp" VARCHAR, "ipAddress" VARCHAR, "userAgent" VARCHAR, "isBotEvent" VARCHAR, "link" VARCHAR,
            "linkTags" VARCHAR
        )',
        "failure": 'STRUCT("templateName" VARCHAR, "errorMessage" VARCHAR)',
        "deliveryDelay": 'STRUCT(
            "timestamp" VARCHAR, "expirationTime" VARCHAR, "delayType" VARCHAR, "reportingMTA" VARCHAR,
            "delayedRecipients" STRUCT("emailAddress" VARCHAR, "status" VARCHAR, "diagnosticCode" VARCHAR)[]
        )',
        "subscription": 'STRUCT(
            "timestamp" VARCHAR, "contactList" VARCHAR, "source" VARCHAR,
            "newTopicPreferences" VARCHAR
        )'
    }
)
