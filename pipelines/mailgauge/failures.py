"""The mail that says that a step of the night failed, so that silence is never taken for good news; pure."""

from __future__ import annotations

from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from mailgauge.errors import UsageError
from mailgauge.mails import clean

if TYPE_CHECKING:
    from datetime import datetime

    from mailgauge.settings import AlertSettings

_TEXT = """{what} failed, and the steps after it did not run:

{reason}

Until it is put right and run again, no report and no alert of that day can be relied on.
"""
_LONGEST = 2000


def compose_failure(what: str, reason: str, rules: AlertSettings, *, now: datetime) -> EmailMessage:
    """The mail that says that `what` failed for `reason`, to those who get alerts."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))  # so that any server takes it
    try:
        message["Subject"] = f"mailgauge: {clean(what)} failed"
        message["From"] = rules.sender
        message["To"] = ", ".join(rules.recipients)
    except ValueError as error:
        raise UsageError(f"alert.sender or alert.recipients cannot stand in a mail: {error}.") from None
    message["Date"] = format_datetime(now.replace(tzinfo=UTC))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_TEXT.format(what=clean(what), reason=clean(reason, longest=_LONGEST)))
    return message
