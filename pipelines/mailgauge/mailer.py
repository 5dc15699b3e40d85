"""The edge to the mail server: one message, one connection, certificates checked, passwords never in the clear."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from contextlib import closing, suppress
from email.policy import SMTP
from email.utils import getaddresses
from typing import TYPE_CHECKING

from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.trust import make_context

if TYPE_CHECKING:
    from email.message import EmailMessage

    from mailgauge.settings import Settings


class PartlySentError(MailgaugeError):
    """The server took the mail for some recipients and refused others: it must not be sent again."""


class Mailer:
    """Sends mail through the SMTP server of the settings."""

    def __init__(self, settings: Settings) -> None:
        """Refuse at once what could never work, or would give a password away."""
        self._smtp = settings.smtp
        self._where = f"{settings.smtp.host}:{settings.smtp.port}"
        self._password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
        if self._smtp.user is None:
            return
        if self._password is None:
            raise UsageError(
                f"smtp.user is set and its password is not: set MAILGAUGE_SMTP_PASSWORD for {self._where}."
            )
        if not self._smtp.starttls and not _is_loopback(self._smtp.host):
            raise UsageError(f"The password for {self._where} would go in the clear: set smtp.starttls = true.")

    def send(self, message: EmailMessage) -> None:
        """Send `message` to all in its To, or raise a MailgaugeError of one sentence."""
        recipients = [address for _, address in getaddresses(message.get_all("To", []))]
        sender = getaddresses([message["From"]])[0][1]
        try:
            with closing(smtplib.SMTP(self._smtp.host, self._smtp.port, timeout=self._smtp.timeout_seconds)) as server:
                self._secure(server)
                refused = server.sendmail(sender, recipients, message.as_bytes(policy=SMTP))
                with suppress(OSError, smtplib.SMTPException):  # the mail is taken, whatever becomes of the farewell
                    server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            raise MailgaugeError(self._tell_refused(len(error.recipients), len(recipients), error.recipients)) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise MailgaugeError(self._explain(error)) from None
        if refused:
            raise PartlySentError(self._tell_refused(len(refused), len(recipients), refused))

    def _secure(self, server: smtplib.SMTP) -> None:
        if self._smtp.starttls:
            server.starttls(context=make_context(self._smtp.ca_file, "smtp.ca_file"))
        if self._smtp.user is not None and self._password is not None:
            server.login(self._smtp.user, self._password)

    def _tell_refused(self, refused: int, of: int, answers: dict[str, tuple[int, bytes]]) -> str:
        """Say how many and with which codes; the server's words may repeat an address, so they stay out."""
        codes = ", ".join(sorted({str(code) for code, _ in answers.values()}))
        return (
            f"The mail server {self._where} refused {refused} of {of} alert.recipients (answer {codes}): "
            "check their addresses and that the server takes mail from alert.sender."
        )

    def _explain(self, error: Exception) -> str:  # noqa: PLR0911 (one sentence a way to fail)
        where = self._where
        match error:
            case smtplib.SMTPAuthenticationError():
                return f"The mail server {where} refused the login of smtp.user (answer {error.smtp_code})."
            case smtplib.SMTPNotSupportedError():
                return f"The mail server {where} does not offer what the settings ask for: {error}"
            case ssl.SSLCertVerificationError():
                return f"The certificate of the mail server {where} is not trusted: {error.verify_message}."
            case ssl.SSLError():
                return f"The mail server {where} could not agree on TLS: {error.reason or error}."
            case smtplib.SMTPSenderRefused():
                return f"The mail server {where} refused alert.sender (answer {error.smtp_code})."
            case smtplib.SMTPResponseException():
                return f"The mail server {where} refused the mail (answer {error.smtp_code})."
            case TimeoutError() | smtplib.SMTPServerDisconnected() if "timed out" in str(error):
                return f"The mail server {where} did not answer in {self._smtp.timeout_seconds:g} seconds."
            case smtplib.SMTPException():
                return f"The mail server {where} broke off: {error}."
            case OSError():
                return f"The mail server {where} cannot be reached: {error.strerror or error}."
            case _:
                return f"The mail for {where} cannot be written: {error}."


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
