"""Whom a connection over TLS trusts: the system's authorities, and those in a file that a setting names."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING

from mailgauge.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def make_context(ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """What a client's connection is made with; a file that cannot be used is the fault of `setting`."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            reason = error.strerror or "it holds no certificate"
            raise UsageError(f"{setting} {ca_file} cannot be used: {reason}.") from None
    return context


def find_authorities() -> str | None:
    """The file of the authorities that S3 is held against, where every AWS tool finds it; None where there is none."""
    return os.environ.get("AWS_CA_BUNDLE") or ssl.get_default_verify_paths().cafile
