"""What reading dumps from an S3 server on loopback costs beside reading the same from disk.

    python benchmarks/stored.py [--messages 400000] [--data benchmarks/data]

The server is moto, in a process of its own on the same machine, and takes a part of the same processors.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from moto.server import ThreadedMotoServer

from dumps import keep_clean, keep_small
from mailgauge.buckets import Access
from measuring import Run, ingest_dumps, print_ratios, read_arguments, take_turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

SMALL_OBJECTS, SMALL_RECORDS = 1000, 100
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "someone",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def serve(told: Connection) -> None:
    """Serve S3 until the other end of `told` is closed."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    told.send(server.get_host_and_port()[1])
    told.poll(None)
    server.stop()


@contextmanager
def s3_server() -> Iterator[str]:
    """Start an S3 server; gives its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,))
    server.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        ours.send("stop")
        server.join()


def upload(endpoint: str, bucket: str, folder: Path) -> int:
    """Put the objects of a folder into a new bucket; returns how many bytes they have."""
    client: Any = boto3.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    size = 0
    for path in sorted(folder.glob("*.gz")):
        size += client.put_object(Bucket=bucket, Key=path.name, Body=path.read_bytes()) and path.stat().st_size
    client.close()
    return size


def main() -> None:
    """Print the ratios."""
    arguments = read_arguments(__doc__)
    os.environ.update(CREDENTIALS)
    data, messages = arguments.data, arguments.messages
    folders = {"large": keep_clean(data, messages), "small": keep_small(data, messages, SMALL_OBJECTS, SMALL_RECORDS)}
    with s3_server() as endpoint:
        access = Access(endpoint=endpoint)
        for bucket, folder in folders.items():
            size, count = upload(endpoint, bucket, folder), len(list(folder.glob("*.gz")))
            runs = {
                "local": Run(ingest_dumps, (str(folder),), "local"),
                "stored": Run(ingest_dumps, (f"s3://{bucket}/", access), "stored"),
            }
            best = take_turns(runs, arguments.repeats, data)
            print(f"{count:,} objects, {size / 1e6:,.1f} MB in all, {size / count / 1e3:,.0f} KB each")
            print_ratios(best, "local")
    print("stored: at most 1.30 x local")


if __name__ == "__main__":
    main()
