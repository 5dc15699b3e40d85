"""What a person can set, in `mailgauge.toml` or as `MAILGAUGE_*` variables; secrets come from the environment alone."""

from __future__ import annotations

import os
import re
import tomllib
from difflib import get_close_matches
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from mailgauge.errors import UsageError

FILE_VARIABLE = "MAILGAUGE_CONFIG"
"""The environment variable that names the settings file where no --config does: in a scheduler, say."""
_KEY_BYTES = 16


def _require_address(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]) or not text.isprintable():
        raise ValueError("it is not a mail address")
    return text


def _require_long(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().strip().encode()) < _KEY_BYTES:
        raise ValueError(f"it is shorter than {_KEY_BYTES} bytes: make one with `openssl rand -hex 32`")
    return key


Address = Annotated[str, AfterValidator(_require_address)]
"""ops@example.com, or Head of Mail <head@example.com>."""


class Section(BaseModel):
    """A table of the settings file: an unknown key is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DnsSettings(Section):
    """How the advisor asks DNS."""

    enabled: bool = True
    """Whether it asks at all; without, everything that needs DNS is "not checked"."""
    resolver: str | None = None
    """HOST or HOST:PORT of the resolver to ask; the machine's own where unset."""
    timeout_seconds: float = Field(default=5.0, gt=0)
    """How long one look-up may take before it counts as not checked."""
    selectors: dict[str, list[str]] = Field(default_factory=dict)
    """DKIM selectors by domain; the key "*" serves every domain without its own."""
    bimi_selector: str = "default"
    bimi_fetch: bool = True
    """Whether the logo and the certificate that a BIMI record names are fetched, over HTTPS from public addresses."""
    bimi_seconds: float = Field(default=10.0, gt=0)
    """How long each of the two may take."""
    bimi_ca_file: Path | None = None
    """Certificates to trust besides the system's, for web servers with an authority of their own."""
    bimi_mark_ca_file: Path | None = None
    """Authorities for marks to trust besides those that checkdmarc knows."""
    bimi_networks: list[IPvAnyNetwork] = Field(default_factory=list)
    """Networks that are fetched from though they are not public."""
    mail_from: dict[str, str] = Field(default_factory=dict)
    """The custom MAIL FROM domain of each identity that has one, by its domain: no event tells it."""
    ip_blocklists: list[str] = Field(default_factory=list)
    """Blocklists to ask about the IP addresses in `pools`, such as `zen.spamhaus.org`; read their terms first."""
    domain_blocklists: list[str] = Field(default_factory=list)
    """And about domains, such as `dbl.spamhaus.org`."""
    most_look_ups: int = Field(default=20_000, ge=1)
    """How many questions one run may ask; what comes after is not checked."""
    most_look_ups_a_domain: int = Field(default=100, ge=1)
    """And of them for one domain or address: its owner may write records that lead on and on."""
    mx_look_ups: int = Field(default=0, ge=0)
    """How many recipient domains a build may ask for their MX, where nothing else tells their provider; 0: none."""
    mx_seconds: float = Field(default=60.0, gt=0)
    """How long a build may take for that."""


class AlertSettings(Section):
    """When a complaint rate opens an incident."""

    complaint_rate: float = Field(default=0.003, gt=0, lt=1)
    windows_days: list[Annotated[int, Field(ge=1)]] = Field(default=[1, 7], min_length=1)
    """Trailing windows, in days, each ending with the day asked for: 1 is the trailing 24 hours."""
    min_complaints: int = Field(default=3, ge=1)
    dimensions: list[Literal["account_id", "identity", "configuration_set", "tenant", "isp"]] = [
        "account_id",
        "identity",
        "configuration_set",
        "isp",
    ]
    recipients: list[Address] = Field(default_factory=list)
    """Who gets the mail."""
    sender: Address = "mailgauge@localhost"


class SmtpSettings(Section):
    """The server that takes alert mail."""

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    starttls: bool = False
    ca_file: Path | None = None
    """Certificates to trust besides the system's, for a server with its own authority."""
    user: str | None = None
    timeout_seconds: float = Field(default=30.0, gt=0)


class ReportSettings(Section):
    """What the report shows."""

    out: Path = Path("reports-out")
    minimum_denominator: int = Field(default=100, ge=1)
    """Below this many recipients a rate is shown as "too few"."""
    trend_days: int = Field(default=30, ge=2)


class GateSettings(Section):
    """Where the quality gate draws its lines."""

    max_quarantined_share: float = Field(default=0.01, ge=0, le=1)
    max_duplicate_share: float = Field(default=0.05, ge=0, le=1)
    max_sends_unseen_share: float = Field(default=0.05, ge=0, le=1)
    min_volume_share: float = Field(default=0.2, ge=0)
    """A day with less than this share of the usual sends is suspicious."""
    max_age_hours: float = Field(default=36.0, gt=0)
    """How old the newest event may be, at the end of the day asked for, before the banner says so."""


class S3Settings(Section):
    """How dumps in S3 are reached; credentials are found where every AWS tool finds them."""

    endpoint: str | None = None
    """URL of another S3 server than Amazon's."""
    region: str | None = None
    """The region of the buckets; where unset, Amazon is asked, and then the environment."""
    timeout_seconds: float = Field(default=30.0, gt=0)
    """How long S3 may take for an answer of up to 8 MB."""
    attempts: int = Field(default=5, ge=1)
    """How often a request is made before it counts as failed."""


class HousekeepingSettings(Section):
    """How long a warehouse keeps what it does not need for its newest state."""

    snapshot_days: float = Field(default=7.0, gt=0)
    """How long an older state of the warehouse can be read."""
    grace_hours: float = Field(default=24.0, ge=0)
    """How long a file that no state needs is kept for those who may be reading it."""
    compact_above_files: int = Field(default=20, ge=0)
    """With more files of one size than this in a table, ingest and build merge those at their end; 0: never."""
    keep_days: int | None = Field(default=None, ge=1)
    """How many days of events `expire` keeps; unset, everything is kept."""


class Quota(Section):
    """What SES lets an account send in a region."""

    recipients_a_day: int | None = Field(default=None, ge=1)
    recipients_a_second: float | None = Field(default=None, gt=0)


class Settings(BaseSettings):
    """All settings, checked when read."""

    model_config = SettingsConfigDict(
        env_prefix="MAILGAUGE_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=None
    )

    warehouse: Path = Path("warehouse")
    sources: list[str] = Field(default_factory=list)
    """Folders, globs, files or `s3://bucket/prefix` that `ingest` and `nightly` read when none is named."""
    memory_limit: str = Field(default="1GiB", pattern=r"^(?i:\d+(\.\d+)? ?([KMGT]i?B|%))$")
    """How much memory DuckDB may take before it spills to the disk of the warehouse."""
    lock_seconds: float = Field(default=600.0, ge=0)
    """How long a run waits for another one that writes to the same warehouse."""
    smtp_password: SecretStr | None = None
    """From MAILGAUGE_SMTP_PASSWORD alone; refused in the file."""
    pseudonymise: bool = False
    """Whether ingest replaces the local parts of addresses by a keyed hash."""
    pseudonym_key: Annotated[SecretStr, AfterValidator(_require_long)] | None = None
    """From MAILGAUGE_PSEUDONYM_KEY alone; refused in the file."""
    pools: dict[str, list[str]] = Field(default_factory=dict)
    """The IP addresses of each dedicated IP pool, by its name: SES's events tell the address alone."""
    limits: dict[str, Quota] = Field(default_factory=dict)
    """Sending quotas by region, which no event tells; without one, `systems limits` shows the use alone."""
    reputation_recipients: int = Field(default=10_000, ge=1)
    """Over how many of the last recipients `systems reputation` judges; AWS does not say how many it takes."""
    s3: S3Settings = S3Settings()
    dns: DnsSettings = DnsSettings()
    alert: AlertSettings = AlertSettings()
    smtp: SmtpSettings = SmtpSettings()
    report: ReportSettings = ReportSettings()
    gate: GateSettings = GateSettings()
    housekeeping: HousekeepingSettings = HousekeepingSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        _ = dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(file: Path | None = None, **overrides: Any) -> Settings:  # noqa: ANN401 (any setting)
    """Read `file`, else the file that MAILGAUGE_CONFIG names, else ./mailgauge.toml; the environment wins over it."""
    named = file or (Path(os.environ[FILE_VARIABLE]) if os.environ.get(FILE_VARIABLE) else None)
    path = named or Path("mailgauge.toml")
    if named and not path.is_file():
        raise UsageError(f"There is no settings file {path}: check the path after --config or in {FILE_VARIABLE}.")
    chosen = type("Settings", (Settings,), {"model_config": {**Settings.model_config, "toml_file": path}})
    try:
        _refuse_secrets(path)
        settings: Settings = chosen(**overrides)
    except ValidationError as error:
        raise UsageError(_explain(error, path)) from None
    except SettingsError as error:  # a variable that should hold a list or a table and is no JSON
        name = "_".join(re.findall(r'field "(\w+)"', str(error))).upper()
        raise UsageError(f'MAILGAUGE_{name} cannot be read: write it as JSON, as in \'["one", "two"]\'.') from None
    except ValueError as error:  # tomllib tells broken TOML this way
        raise UsageError(f"The settings in {path} cannot be read: {error}.") from None
    return settings


def _refuse_secrets(path: Path) -> None:
    held = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    smtp = held.get("smtp")
    if "smtp_password" in held or (isinstance(smtp, dict) and "password" in smtp):
        raise UsageError(f"{path} holds a password: take it out and set MAILGAUGE_SMTP_PASSWORD instead.")
    s3 = held.get("s3")
    if isinstance(s3, dict) and any(re.search("key|secret|token", name, re.IGNORECASE) for name in s3):
        raise UsageError(f"{path} holds AWS credentials: take them out and give them as to every AWS tool.")
    if "pseudonym_key" in held:
        raise UsageError(f"{path} holds the key of pseudonyms: take it out and set MAILGAUGE_PSEUDONYM_KEY instead.")


def _explain(error: ValidationError, path: Path) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        near = get_close_matches(where, list_names(), n=1)
        hint = f": is {near[0]!r} meant?" if near else "."
        return f"There is no setting {where!r} (in {path} or a MAILGAUGE_* variable){hint}"
    said = first["msg"].removeprefix("Value error, ")
    return f"Setting {where!r} (in {path} or a MAILGAUGE_* variable) is wrong: {said}."


def list_names() -> list[str]:
    """The names of all settings, as in alert.recipients."""
    names = []
    for name, field in Settings.model_fields.items():
        section = field.annotation
        inner = section.model_fields if isinstance(section, type) and issubclass(section, Section) else {}
        names += [f"{name}.{part}" for part in inner] or [name]
    return names
