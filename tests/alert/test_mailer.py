"""The SMTP edge against real servers on loopback: plain, STARTTLS with login, and all the ways it can fail."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mailgauge.errors import MailgaugeError, UsageError
from mailgauge.mailer import Mailer, PartlySentError
from mailgauge.settings import Settings, SmtpSettings
from mailserver import Server, secure_options, serving, write_certificate

Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(server: Server | None = None, **options: Any) -> Server:
            return stack.enter_context(serving(server or Server(), **options))

        yield start


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_certificate(tmp_path_factory.mktemp("certificate"))


def settings(port: int, password: str | None = None, **smtp: Any) -> Settings:
    smtp = {"host": "127.0.0.1", "timeout_seconds": 5, **smtp}
    return Settings(smtp=SmtpSettings(port=port, **smtp), smtp_password=SecretStr(password) if password else None)


def message(*recipients: str) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "Complaint rate"
    made["From"] = "Mail gauge <mailgauge@example.com>"
    made["To"] = ", ".join(recipients or ["ops@example.com"])
    made.set_content("text\n.\nafter a lone dot")
    return made


def test_plain_mail_arrives_whole(serve: Serve) -> None:
    server = serve()
    Mailer(settings(server.port)).send(message("ops@example.com", "Head of Mail <head@example.com>"))
    (envelope,) = server.got
    assert envelope.mail_from == "mailgauge@example.com"
    assert envelope.rcpt_tos == ["ops@example.com", "head@example.com"]
    assert b"after a lone dot" in envelope.content


def test_starttls_and_login(serve: Serve, certificate: tuple[Path, Path]) -> None:
    server = serve(**secure_options(certificate))
    chosen = settings(server.port, "s3cret", starttls=True, ca_file=certificate[0], user="mailgauge")
    Mailer(chosen).send(message())
    assert len(server.got) == 1


def test_a_wrong_password_is_told_without_it(serve: Serve, certificate: tuple[Path, Path]) -> None:
    server = serve(**secure_options(certificate))
    chosen = settings(server.port, "wr0ng", starttls=True, ca_file=certificate[0], user="mailgauge")
    with pytest.raises(MailgaugeError, match=rf"127.0.0.1:{server.port} refused the login") as caught:
        Mailer(chosen).send(message())
    assert "wr0ng" not in str(caught.value)
    assert server.got == []


def test_a_certificate_nobody_vouches_for_is_refused(serve: Serve, certificate: tuple[Path, Path]) -> None:
    server = serve(**secure_options(certificate))
    with pytest.raises(MailgaugeError, match="is not trusted: self-signed certificate"):
        Mailer(settings(server.port, starttls=True)).send(message())
    assert server.got == []


def test_starttls_is_demanded(serve: Serve) -> None:
    server = serve()
    with pytest.raises(MailgaugeError, match=r"does not offer .*STARTTLS"):
        Mailer(settings(server.port, starttls=True)).send(message())
    assert server.got == []


@pytest.mark.parametrize(("refused", "kind"), [(1, PartlySentError), (2, MailgaugeError)])
def test_refused_recipients_are_counted_and_not_named(serve: Serve, refused: int, kind: type[Exception]) -> None:
    people = ["a@example.com", "b@example.com"]
    server = serve(Server(refuses=tuple(people[:refused])))
    with pytest.raises(MailgaugeError, match=rf"refused {refused} of 2 alert.recipients \(answer 550\)") as caught:
        Mailer(settings(server.port)).send(message(*people))
    assert type(caught.value) is kind
    assert len(server.got) == 2 - refused
    assert "@" not in str(caught.value)


def test_a_refused_mail_is_an_error(serve: Serve) -> None:
    server = serve(Server(answer="554 looks like spam"))
    with pytest.raises(MailgaugeError, match=r"refused the mail \(answer 554\)"):
        Mailer(settings(server.port)).send(message())


def test_a_server_that_is_down_is_named() -> None:
    with socket.socket() as taken:  # bound and not listening: nobody answers there, and nobody else can take it
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(MailgaugeError, match=rf"127.0.0.1:{port} cannot be reached: Connection refused"):
            Mailer(settings(port)).send(message())


def test_a_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(MailgaugeError, match=r"did not answer in 0\.2 seconds"):
            Mailer(settings(port, timeout_seconds=0.2)).send(message())


def test_a_password_never_goes_in_the_clear_to_another_machine() -> None:
    with pytest.raises(UsageError, match="in the clear"):
        Mailer(settings(25, "s3cret", host="mail.example.com", user="mailgauge"))
    Mailer(settings(25, "s3cret", host="localhost", user="mailgauge"))


def test_a_user_without_password_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="MAILGAUGE_SMTP_PASSWORD"):
        Mailer(settings(25, user="mailgauge"))


def test_a_ca_file_that_is_none_is_a_mistake(serve: Serve, certificate: tuple[Path, Path], tmp_path: Path) -> None:
    server = serve(**secure_options(certificate))
    (tmp_path / "empty.pem").write_text("")
    for name in ("absent.pem", "empty.pem"):
        with pytest.raises(UsageError, match=name):
            Mailer(settings(server.port, starttls=True, ca_file=tmp_path / name)).send(message())
