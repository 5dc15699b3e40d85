"""Objects put into the bucket of the tests without a request, as if they had come at another time."""

from __future__ import annotations

from datetime import datetime

from moto.s3.models import s3_backends


def put_object(key: str, content: bytes = b"{}", at: datetime | None = None) -> None:
    found = s3_backends["123456789012"]["aws"].put_object("dumps", key, content)
    if at:
        found.last_modified = at.replace(tzinfo=None)


def remove_object(key: str) -> None:
    s3_backends["123456789012"]["aws"].delete_object("dumps", key)
