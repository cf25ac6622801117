"""Vendors' files below a prefix of an S3 bucket, or of anything that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from cspbill.book import Source
from cspbill.errors import CspbillError
from extractors.connections import Connection, airflow_connection
from extractors.names import shown, without_secrets
from extractors.protocol import FileChangedError, InterruptedTransferError, RemoteFile
from extractors.stores.store import CHUNK, Listing, listing


@dataclass(frozen=True)
class S3Prefix:
    """The objects below a prefix of an S3 bucket, or of anything that speaks S3."""

    source: Source
    bucket: str
    prefix: str

    def list(self) -> Listing:
        """Return the objects below the prefix, by ETag."""
        with self._errors():
            return listing(self._objects())

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Download an object, provided that its ETag is still the listed one."""
        from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

        with self._errors(file):
            body = self._client.get_object(
                Bucket=self.bucket, Key=self.prefix + file.location, IfMatch=file.version
            )["Body"]
            try:
                sink.writelines(body.iter_chunks(CHUNK))
            except (IncompleteReadError, ReadTimeoutError, ResponseStreamingError) as error:
                raise InterruptedTransferError(shown(without_secrets(str(error)), 200)) from None

    def _objects(self) -> Iterator[tuple[RemoteFile, str | None]]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        for page in pages:
            for entry in page.get("Contents", ()):
                name = entry["Key"].removeprefix(self.prefix)
                if name and not name.endswith("/"):  # a folder marker
                    yield RemoteFile(name, name, entry["Size"], entry["ETag"], entry["LastModified"]), None

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 has no types
        import boto3
        from botocore.config import Config

        options = self.source.options
        access = arguments(airflow_connection(options["connection"])) if options.get("connection") else {}
        endpoint = options.get("endpoint_url") or access.get("endpoint_url")
        region = options.get("region") or access.get("region_name")
        known = {key: access[key] for key in sorted(access) if key.startswith("aws_")}
        # Stores other than Amazon's rarely resolve a bucket as a host name.
        style = Config(s3={"addressing_style": "path" if endpoint else "auto"}, retries={"mode": "standard"})
        return boto3.client("s3", region_name=region, endpoint_url=endpoint, config=style, **known)

    @contextmanager
    def _errors(self, file: RemoteFile | None = None) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        where = f"source {self.source.name}: s3://{self.bucket}/{self.prefix}"
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if file and code in {"PreconditionFailed", "412", "NoSuchKey", "404"}:
                raise FileChangedError(file.location) from None
            detail = error.response.get("Error", {}).get("Message", "")
            raise CspbillError(f"{where}: {code}: {shown(without_secrets(detail), 200)}") from None
        except BotoCoreError as error:
            raise CspbillError(f"{where}: {shown(without_secrets(str(error)), 300)}") from None


def arguments(connection: Connection) -> dict[str, str]:
    """Return an Airflow connection as arguments of an AWS client, and its ``role_arn`` and ``external_id``."""
    keys = (
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "endpoint_url",
        "region_name",
        "role_arn",
        "external_id",
    )
    given = {key: connection.extra[key] for key in keys if connection.extra.get(key)}
    own = {"aws_access_key_id": connection.login, "aws_secret_access_key": connection.password}
    return {key: value for key, value in {**own, **given}.items() if value}
