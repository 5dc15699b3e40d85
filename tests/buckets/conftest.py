from __future__ import annotations

import http.client
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from buckets.doors import Door
from mailgauge.buckets import Access


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedMotoServer]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def s3(server: ThreadedMotoServer, _credentials: None) -> Iterator[Any]:
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="eu-west-1")
    client.create_bucket(Bucket="dumps", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield client
    client.close()
    reset = http.client.HTTPConnection(host, port)
    reset.request("POST", "/moto-api/reset")
    assert reset.getresponse().status == 200
    reset.close()


@pytest.fixture
def door(server: ThreadedMotoServer) -> Iterator[Door]:
    door = Door(server.get_host_and_port()[1])
    yield door
    door.close()


@pytest.fixture
def access(door: Door) -> Access:
    return Access(endpoint=door.url, timeout_seconds=1, attempts=2)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow's other strategy, which pauses for a few hundredths of a second; it counts the attempts after the first."""
    other = fs.AwsDefaultS3RetryStrategy
    monkeypatch.setattr(fs, "AwsStandardS3RetryStrategy", lambda max_attempts: other(max_attempts - 1))
