"""The shapes of SES's records, as templates: JSON with `%(name)s` where an event differs from the next.

Shapes follow the record examples of the SES developer guide of 2026 and captured records of that year.
"""

import json
import re
from dataclasses import dataclass
from email.header import Header
from functools import cache
from typing import Any

from mailgauge.simulation.provider import PROVIDERS
from mailgauge.simulation.replies import REPLIES, Reply
from mailgauge.simulation.sender import ACCOUNT, Stream
from mailgauge.simulation.story import CAST

OBJECT_OF = {
    "Send": "send",
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
    "Open": "open",
    "Click": "click",
    "Rendering Failure": "failure",
    "DeliveryDelay": "deliveryDelay",
    "Subscription": "subscription",
}
OBJECT_FIRST = frozenset({"Bounce", "Complaint", "Click"})
WITHOUT_HEADERS = frozenset({"Rendering Failure", "DeliveryDelay"})
WITHOUT_ARN = frozenset({"Open", "Click"})
SUPPRESSED_TEXT = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your {}. For more "
    "information about removing addresses from the suppression list, see the Amazon SES Developer Guide at "
    "https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html"
)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of bounce: SES's type and subtype, and the refusal (of the provider by name, or fixed); None: no DSN."""

    type: str
    subtype: str
    reply: Reply | str | None


SORTS = {
    "permanent": Sort("Permanent", "General", "unknown"),
    "later_bounce": Sort("Permanent", "General", "unknown"),
    "blocked": Sort("Permanent", "General", "blocked"),
    "no_email": Sort("Permanent", "NoEmail", None),
    "suppressed_global": Sort(
        "Permanent",
        "Suppressed",
        Reply(
            "5.1.1",
            "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an "
            "invalid address. For more information about how to remove an address from the suppression list, see the "
            "Amazon SES Developer Guide: https://docs.aws.amazon.com/ses/latest/DeveloperGuide/remove-from-suppressionlist.html",
        ),
    ),
    "suppressed_account": Sort(
        "Permanent", "OnAccountSuppressionList", Reply("5.1.1", SUPPRESSED_TEXT.format("account"))
    ),
    "suppressed_tenant": Sort("Permanent", "OnTenantSuppressionList", Reply("5.1.1", SUPPRESSED_TEXT.format("tenant"))),
    "suppressed_validation": Sort(
        "Permanent",
        "EmailValidationSuppressed",
        Reply(
            "5.1.1", "Amazon SES did not send the message because email validation found the address unlikely to exist"
        ),
    ),
    "mailbox_full": Sort("Transient", "MailboxFull", "full"),
    "too_large": Sort(
        "Transient",
        "MessageTooLarge",
        Reply("5.3.4", "552 5.3.4 Message size exceeds fixed maximum message size"),
    ),
    "content": Sort(
        "Transient",
        "ContentRejected",
        Reply("5.7.1", "554 5.7.1 Message rejected: content is considered spam"),
    ),
    "attachment": Sort(
        "Transient",
        "AttachmentRejected",
        Reply("5.7.0", "552 5.7.0 This message was blocked because its attachment type is not allowed"),
    ),
    "timeout": Sort(
        "Transient",
        "CustomTimeoutExceeded",
        Reply("4.4.7", "554 4.4.7 Message expired: maximum delivery time of 120 minutes exceeded"),
    ),
    "unreachable": Sort(
        "Transient",
        "General",
        Reply("4.4.1", "421 4.4.1 Unable to establish connection with the remote mail server"),
    ),
    "undetermined": Sort("Undetermined", "Undetermined", None),
    "expired": Sort("Transient", "General", "expired"),
    "auto_reply": Sort("Transient", "General", None),
}
DSN_BY_SES = frozenset({"suppressed_global", "suppressed_account", "suppressed_tenant", "suppressed_validation"})


def compile_template(document: Any) -> str:  # noqa: ANN401 - any JSON
    """JSON with `<<name>>` in its strings, and `<<raw:name>>` for whole values, as a template for the % operator."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("%", "%%")
    return re.sub(r"<<(\w+)>>", r"%(\1)s", re.sub(r'"<<raw:(\w+)>>"', r"%(\1)s", text))


def _headers(stream: Stream, subject: str) -> list[dict[str, str]]:
    coded = subject if subject.isascii() else Header(subject, "utf-8").encode()
    pairs = [
        ("Date", "<<date>>"),
        ("From", f"{stream.display_name} <{stream.address}>"),
        ("To", "<<to>>"),
        ("Reply-To", f"support@{stream.identity}"),
        ("Subject", coded),
        ("Message-ID", f"<<<order>>.<<day>>@{stream.identity}>"),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'multipart/alternative; boundary="----=_Part_<<order>>_1273768381.1774491188926"'),
        ("X-SES-CONFIGURATION-SET", stream.configuration_set),
        ("X-SES-MESSAGE-TAGS", f"template={stream.template}, campaign={stream.template}-<<day>>"),
    ]
    if stream.tenant:
        pairs.append(("X-SES-TENANT", stream.tenant))
    if stream.is_marketing:
        leave = f"<https://{stream.identity}/leave/<<order>>>, <mailto:leave+<<order>>@{stream.identity}>"
        pairs += [("List-Unsubscribe", leave), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]
    return [{"name": name, "value": value} for name, value in pairs]


def _tags(stream: Stream, kind: str) -> dict[str, list[str]]:
    own = {"template": [stream.template], "campaign": [f"{stream.template}-<<day>>"]}
    if kind in WITHOUT_HEADERS:
        return {"ses:configuration-set": [stream.configuration_set], **own}
    tags = {
        "ses:source-tls-version": ["TLSv1.3"],
        "ses:operation": [stream.operation],
        "ses:configuration-set": [stream.configuration_set],
        "ses:source-ip": ["198.51.100.23"],
        "ses:from-domain": [stream.identity],
        "ses:caller-identity": [f"mailer-{stream.configuration_set}"],
    }
    if kind == "Delivery":
        tags |= {"ses:outgoing-tls-version": ["TLSv1.3"], "ses:outgoing-ip": ["<<ip>>"]}
    if stream.tenant:
        tags["ses:tenant-name"] = [stream.tenant]
    return tags | own


def _mail(stream: Stream, subject: str, kind: str) -> dict[str, Any]:
    mail: dict[str, Any] = {
        "timestamp": "<<sent>>",
        "source": stream.address,
        "sourceArn": stream.source_arn,
        "sendingAccountId": ACCOUNT,
        "messageId": "<<id>>",
        "destination": "<<raw:destination>>",
        "headersTruncated": False,
        "headers": _headers(stream, subject),
        "commonHeaders": {
            "from": [f"{stream.display_name} <{stream.address}>"],
            "replyTo": [f"support@{stream.identity}"],
            "date": "<<date>>",
            "to": "<<raw:destination>>",
            "messageId": "<<id>>",
            "subject": subject,
        },
        "tags": _tags(stream, kind),
    }
    if kind in WITHOUT_HEADERS:
        del mail["headers"], mail["commonHeaders"]
    if kind in WITHOUT_ARN:  # these two come with their keys in order and without the identity
        del mail["sourceArn"]
        return dict(sorted(mail.items()))
    return mail


def _bounce(about: str) -> dict[str, Any]:
    sort = SORTS[about]
    bounce: dict[str, Any] = {
        "feedbackId": "<<feedback>>",
        "bounceType": sort.type,
        "bounceSubType": sort.subtype,
        "bouncedRecipients": "<<raw:bounced>>",
        "timestamp": "<<at>>",
    }
    if sort.reply and about not in DSN_BY_SES:
        bounce["remoteMtaIp"] = "<<mx>>"
    if sort.reply:
        bounce["reportingMTA"] = "dns; amazonses.com" if about in DSN_BY_SES else "dns; <<mta>>"
    return bounce


def _complaint(about: str, agent: str) -> dict[str, Any]:
    is_listed = about == "OnAccountSuppressionList"
    complaint = {
        "feedbackId": "<<feedback>>",
        "complaintSubType": about if is_listed else None,
        "complainedRecipients": [{"emailAddress": "<<rcpt>>"}],
        "timestamp": "<<at>>",
    }
    if not is_listed:
        complaint |= {"userAgent": agent, "complaintFeedbackType": about, "arrivalDate": "<<at>>"}
    return complaint


def _subscription(about: str) -> dict[str, Any]:
    is_leaving = about == "unsubscribe"
    topics = ("offers", "news")

    def preferences(statuses: tuple[str, str], *, leaves: bool) -> dict[str, Any]:
        pairs = zip(topics, statuses, strict=True)
        return {
            "unsubscribeAll": leaves,
            "topicSubscriptionStatus": [{"topicName": name, "subscriptionStatus": status} for name, status in pairs],
            "topicDefaultSubscriptionStatus": [{"topicName": name, "subscriptionStatus": "OptIn"} for name in topics],
        }

    return {
        "contactList": "customers",
        "timestamp": "<<at>>",
        "source": "UnsubscribeHeader",
        "newTopicPreferences": preferences(("OptOut", "OptOut" if is_leaving else "OptIn"), leaves=is_leaving),
        "oldTopicPreferences": preferences(("OptIn", "OptIn"), leaves=False),
    }


def _machine(about: str) -> dict[str, Any]:
    fetched = {"timestamp": "<<at>>", "userAgent": "<<agent>>", "ipAddress": "<<reader>>"}
    return fetched | ({"isBotEvent": about} if about else {})


def _content(stream: Stream, kind: str, about: str, provider: int) -> dict[str, Any]:
    """The object that belongs to a kind of event."""
    isp = PROVIDERS[provider].isp
    shapes: dict[str, Any] = {
        "Send": {},
        "Delivery": {
            "timestamp": "<<at>>",
            "processingTimeMillis": "<<raw:took>>",
            "recipients": "<<raw:recipients>>",
            "smtpResponse": REPLIES[isp].accepted,
            "remoteMtaIp": "<<mx>>",
            "reportingMTA": "<<mta>>",
        },
        "Reject": {"reason": "Bad content"},
        "Open": _machine(about),
        "Click": _machine(about) | {"link": "<<raw:link>>", "linkTags": "<<raw:link_tags>>"},
        "Rendering Failure": {
            "errorMessage": "Attribute 'firstName' is not present in the rendering data.",
            "templateName": stream.template,
        },
        "DeliveryDelay": {
            "timestamp": "<<at>>",
            "delayType": REPLIES[isp].busy.delay_type,
            "expirationTime": "<<expires>>",
            "delayedRecipients": "<<raw:bounced>>",
            "reportingMTA": "<<ip>>",
        },
    }
    if kind == "Bounce":
        return _bounce(about)
    if kind == "Complaint":
        return _complaint(about, PROVIDERS[provider].complaint_agent)
    return _subscription(about) if kind == "Subscription" else shapes[kind]


@cache
def record_template(stream: int, subject: int, kind: str, about: str, provider: int) -> str:
    """The template of a record of one kind."""
    cast = CAST[stream]
    mail = _mail(cast, cast.subjects[subject], kind)
    content = {OBJECT_OF[kind]: _content(cast, kind, about, provider)}
    ordered = content | {"mail": mail} if kind in OBJECT_FIRST else {"mail": mail} | content
    return compile_template({"eventType": kind} | ordered)


@cache
def refusal_template(kind: str, about: str, provider: int) -> str:
    """The template of one recipient of a bounce or a delay."""
    replies = REPLIES[PROVIDERS[provider].isp]
    reply = replies.busy if kind == "DeliveryDelay" else SORTS[about].reply
    if reply == "expired":
        text = f"554 4.4.7 Message expired: unable to deliver in 840 minutes.<{replies.busy.text}>"
        reply = Reply("4.4.7", text)
    if isinstance(reply, str):
        reply = {"unknown": replies.unknown, "full": replies.full, "blocked": replies.blocked}[reply]
    recipient = {"emailAddress": "<<rcpt>>"}
    if reply:
        prefix = "" if about in DSN_BY_SES else "smtp; "
        failed = {} if kind == "DeliveryDelay" else {"action": "failed"}
        recipient |= {**failed, "status": reply.status, "diagnosticCode": prefix + reply.text}
    return compile_template(recipient)
