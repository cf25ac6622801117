"""Vendors' files below a prefix of an S3 bucket, or of anything that speaks S3."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from cspbill.book import Source
from cspbill.errors import CspbillError
from extractors.names import shown, without_secrets
from extractors.protocol import FileChangedError, InterruptedTransferError, RemoteFile
from extractors.stores.s3_client import arguments, open_client, role_of
from extractors.stores.store import CHUNK, Listing, listing

__all__ = ["S3Prefix", "arguments"]

_GONE = {"PreconditionFailed", "412", "NoSuchKey", "404"}
_MD5 = re.compile(r'"([0-9a-f]{32})"')
_GRANT = "grant s3:ListBucket on the bucket and s3:GetObject on what lies below the prefix"
_KEYS = "check the access key of the connection or of the environment"
_ADVICE = {
    "AccessDenied": _GRANT,
    "403": _GRANT,
    "AllAccessDisabled": _GRANT,
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "ExpiredToken": "the session has expired: get a new one, or name a role_arn, which is renewed by itself",
    "NoSuchBucket": "check the bucket's name in the path",
    "PermanentRedirect": "set the option region to the bucket's region",
    "SlowDown": "the store is throttling: run it again later",
    "RequestTimeTooSkewed": "set this machine's clock",
}


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
        """Download an object, provided that its ETag is still the listed one; its length and digest must agree."""
        from botocore.exceptions import FlexibleChecksumError, HTTPClientError, IncompleteReadError

        with self._errors(file):
            answer = self._client.get_object(
                Bucket=self.bucket, Key=self.prefix + file.location, IfMatch=file.version
            )
            try:
                _copy(answer, file, sink)
            except (FlexibleChecksumError, HTTPClientError, IncompleteReadError) as error:
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
        return open_client(self.source)

    @contextmanager
    def _errors(self, file: RemoteFile | None = None) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        place = f"s3://{self.bucket}/{self.prefix}{file.location if file else ''}"
        where = f"source {self.source.name}: {shown(place, 300)}"
        try:
            yield
        except ClientError as error:
            found = error.response.get("Error", {})
            code = found.get("Code", "")
            if file and code in _GONE:
                raise FileChangedError(file.location) from None
            detail = shown(without_secrets(found.get("Message", "")), 200)
            raise CspbillError(f"{where}: {code}: {detail}{self._advice(code, error)}") from None
        except BotoCoreError as error:
            raise CspbillError(f"{where}: {shown(without_secrets(str(error)), 300)}") from None

    def _advice(self, code: str, error: Any) -> str:  # noqa: ANN401 - botocore has no types
        if error.operation_name == "AssumeRole":
            role = shown(role_of(self.source))
            return f"; the role {role} cannot be assumed: check its trust policy and the external_id"
        return f"; {_ADVICE[code]}" if code in _ADVICE else ""


def _copy(answer: Any, file: RemoteFile, sink: BinaryIO) -> None:  # noqa: ANN401 - botocore has no types
    size, digest = 0, hashlib.md5(usedforsecurity=False)
    for chunk in answer["Body"].iter_chunks(CHUNK):
        sink.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    if size != file.size:
        raise InterruptedTransferError(f"{size:,} bytes came where the listing says {file.size:,}")
    # The ETag of an object in one part is the MD5 of its bytes, unless a key of the customer's encrypts it.
    plain = answer.get("ServerSideEncryption", "AES256") == "AES256" and "SSECustomerAlgorithm" not in answer
    expected = _MD5.fullmatch(file.version)
    if plain and expected and expected[1] != digest.hexdigest():
        raise InterruptedTransferError("the bytes that came do not have the digest that the store tells")
