"""The settings: a mistake in them is one sentence that names the setting and, where it can, what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgauge.errors import UsageError
from mailgauge.settings import load_settings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('warehose = "x"', "There is no setting 'warehose' .*: is 'warehouse' meant?"),
        ('[smtp]\nhots = "x"', "There is no setting 'smtp.hots' .*: is 'smtp.host' meant?"),
        ("zzzzz = 1", r"There is no setting 'zzzzz' .*\.$"),
        ('sources = "x"', "Setting 'sources' .* is wrong: Input should be a valid list"),
        ("[alert]\nwindows_days = [0]", "Setting 'alert.windows_days.0' .* greater than or equal to 1"),
        ('[alert]\nrecipients = ["nonsense"]', "Setting 'alert.recipients.0' .* is wrong: it is not a mail address"),
        ('[alert]\nsender = "a@b.example\\nBcc: c@d.example"', "Setting 'alert.sender' .* it is not a mail address"),
        ('memory_limit = "lots"', "Setting 'memory_limit' .* is wrong"),
        ('smtp_password = "s3cret"', "holds a password: take it out and set MAILGAUGE_SMTP_PASSWORD instead"),
        ('[smtp]\npassword = "s3cret"', "holds a password: take it out and set MAILGAUGE_SMTP_PASSWORD instead"),
        ("[s3]\nattempts = 0", "Setting 's3.attempts' .* greater than or equal to 1"),
        (
            '[s3]\nsecret_access_key = "s3cret"',
            "holds AWS credentials: take them out and give them as to every AWS tool",
        ),
        ('pseudonym_key = "s3cret"', "holds the key of pseudonyms: .* set MAILGAUGE_PSEUDONYM_KEY instead"),
        ("warehouse = ", "cannot be read: Invalid value"),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "mailgauge.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        load_settings(file)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mailgauge.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"mailgauge\.toml cannot be read"):
        load_settings(file)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MAILGAUGE_SOURCES", "/dumps", "MAILGAUGE_SOURCES cannot be read: write it as JSON"),
        ("MAILGAUGE_SMTP__PORT", "abc", "Setting 'smtp.port' .* valid integer"),
        ("MAILGAUGE_SMTP__HOTS", "x", "There is no setting 'smtp.hots' .*: is 'smtp.host' meant?"),
        ("MAILGAUGE_PSEUDONYM_KEY", "s3cret", "'pseudonym_key' .* shorter than 16 bytes: make one with `openssl rand"),
        ("MAILGAUGE_CONFIG", "nowhere.toml", "There is no settings file nowhere.toml"),
    ],
)
def test_a_mistake_in_a_variable_is_named(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=words):
        load_settings()


def test_variables_win_over_the_file_and_a_variable_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.toml"
    file.write_text('# smtp_password has no place here\nwarehouse = "a"\n[smtp]\nhost = "b"\nport = 26\n')
    monkeypatch.setenv("MAILGAUGE_CONFIG", str(file))
    monkeypatch.setenv("MAILGAUGE_SMTP__PORT", "27")
    monkeypatch.setenv("MAILGAUGE_SMTP_PASSWORD", "s3cret")
    settings = load_settings()
    assert (str(settings.warehouse), settings.smtp.host, settings.smtp.port) == ("a", "b", 27)
    assert "s3cret" not in repr(settings)
