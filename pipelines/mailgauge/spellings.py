"""How SES and SNS spell the names of their documents, for what comes in lower case or without colons."""

from __future__ import annotations

import re
from typing import Any

from mailgauge import shapes

TAGS = frozenset({"tags", "linkTags"})
"""Under these stand the sender's own names."""

_STRUCTURED = """
    mail send delivery bounce complaint reject open click failure deliveryDelay subscription receipt detail resources
    destination headers commonHeaders from to cc bcc replyTo tags linkTags recipients bouncedRecipients
    complainedRecipients delayedRecipients newTopicPreferences oldTopicPreferences topicSubscriptionStatus
    topicDefaultSubscriptionStatus spamVerdict virusVerdict spfVerdict dkimVerdict dmarcVerdict action
"""
STRUCTURED = frozenset(_STRUCTURED.split())
"""Under these stands an object or a list, never text."""

_OTHERS = """
    notificationType callerIdentity sourceIp headersTruncated name value sender returnPath date messageId action
    complaintSubType arrivalDate reportingMTA ipAddress linkTags
    oldTopicPreferences unsubscribeAll topicName subscriptionStatus
    send receipt spamVerdict virusVerdict spfVerdict dkimVerdict dmarcVerdict dmarcPolicy topicArn bucketName objectKey
    objectKeyPrefix encoding functionArn invocationType smtpReplyCode statusCode organizationArn content
    awsAccountId
"""
"""What shapes.EVENT does not hold of event publishing, legacy and receipt notifications (AWS, their contents)."""

_SNS = """
    Type MessageId TopicArn Subject Message Timestamp SignatureVersion Signature SigningCertURL UnsubscribeURL
    MessageAttributes SubscribeURL Token
"""
_TAG_NAMES = """
    ses:configuration-set ses:source-ip ses:from-domain ses:caller-identity ses:source-tls-version ses:operation
    ses:outgoing-ip ses:outgoing-tls-version ses:tenant-name ses:feedback-id-a ses:feedback-id-b
"""
_SEPARATOR = re.compile(r"[^a-z0-9]")


def _list_names(shape: Any) -> list[str]:  # noqa: ANN401 (shapes are nested)
    if isinstance(shape, list):
        return _list_names(shape[0])
    if isinstance(shape, dict):
        return [name for key, part in shape.items() for name in (key, *_list_names(part))]
    return []


SES = {name.lower(): name for name in (*_list_names(shapes.EVENT), *_OTHERS.split(), *STRUCTURED)} | {
    "detail_type": "detail-type",
    "detailtype": "detail-type",
}
"""By the name in lower case: the names of events, and of EventBridge's envelope around them."""
SNS = {name.lower(): name for name in _SNS.split()}
"""The same of an SNS envelope, whose names differ from SES's in nothing but their capitals."""
_TAG_SPELLINGS = {_SEPARATOR.sub("", name): name for name in _TAG_NAMES.split()}


def spell_tag(name: str) -> str:
    """SES's own spelling of a tag: `ses:configuration-set` for `ses_configuration_set` or `ses_configurationset`."""
    lower = name.lower()
    if not lower.startswith("ses"):
        return name
    known = _TAG_SPELLINGS.get(_SEPARATOR.sub("", lower))
    return known or ("ses:" + lower[4:].replace("_", "-") if lower.startswith("ses_") else name)
