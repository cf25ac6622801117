"""S3 (and STS) on loopback: moto's server, and a bucket in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
KEY_ID, SECRET = "AKIAEXAMPLE", "a-secret-that-nobody-may-see"


@contextmanager
def s3_server() -> Iterator[str]:
    """Run moto's server and yield its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def client(service: str, endpoint: str) -> Any:
    """Return a client of the server with its own keys, whatever the environment holds."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
    )


@dataclass
class Bucket:
    """A bucket that AWS delivers to."""

    endpoint: str
    name: str

    def __post_init__(self) -> None:
        self.client = client("s3", self.endpoint)
        self.client.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})

    def put(self, key: str, content: str | bytes) -> None:
        """Write an object."""
        self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def delete(self, key: str) -> None:
        """Delete an object."""
        self.client.delete_object(Bucket=self.name, Key=key)

    def listed(self) -> list[str]:
        """Return every key."""
        return [one["Key"] for one in self.client.list_objects_v2(Bucket=self.name).get("Contents", ())]
