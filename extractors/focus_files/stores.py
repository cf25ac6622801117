"""Where FOCUS files lie: a local folder, or a prefix of an S3 bucket. Both list, read and copy; nothing else."""

from __future__ import annotations

import datetime as dt
import json
import os
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from cspbill.book import Source
from cspbill.errors import CspbillError, InputError, Problem
from extractors.names import shown, unsafe
from extractors.protocol import FileChangedError, RemoteFile

CHUNK = 1 << 20


@dataclass(frozen=True)
class Listing:
    """What a store holds. ``refused``: files that must not be read, by location, and why."""

    files: tuple[RemoteFile, ...]
    refused: dict[str, str]
    notes: tuple[str, ...] = ()


class Store(Protocol):
    """A tree of files; names and locations are relative to its root, with ``/`` between segments."""

    def list(self) -> Listing:
        """Return every file that is not hidden or still being written."""

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Write a file's bytes to ``sink``; FileChangedError when it is no longer the listed one."""


def open_store(source: Source) -> Store:
    """Return the store that a source's options name."""
    path = source.options["path"]
    if path.startswith("s3://"):
        bucket, _, prefix = path.removeprefix("s3://").partition("/")
        return S3Prefix(source, bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else "")
    return LocalFolder(source.name, Path(path))


def passed_over(name: str) -> bool:
    """Tell whether a file is hidden, a marker, or still being written."""
    last = name.rpartition("/")[2].lower()
    return any(segment.startswith((".", "_")) for segment in name.split("/")) or last.endswith(
        (".tmp", ".part")
    )


def _listing(found: Iterator[tuple[RemoteFile, str | None]], notes: tuple[str, ...] = ()) -> Listing:
    files: list[RemoteFile] = []
    refused: dict[str, str] = {}
    for file, problem in found:
        if reason := problem or unsafe(file.name):
            refused[file.location] = reason
        elif passed_over(file.name):
            continue
        files.append(file)
    return Listing(tuple(sorted(files)), refused, notes)


@dataclass(frozen=True)
class LocalFolder:
    """A folder; links to folders are not followed, links to files only where they stay inside."""

    source: str
    root: Path

    def list(self) -> Listing:
        """Return the files below the folder, by modification time in nanoseconds."""
        if not self.root.is_dir():
            message = f"source {self.source}: the folder {self.root} does not exist or is not a folder"
            raise InputError([Problem("reseller.yml", 0, "path", message)])
        return _listing(self._walk(self.root.resolve(), ""))

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Copy a file; the listed size and time must hold before and after."""
        try:
            with (self.root / file.location).open("rb") as handle:
                self._check(file, handle)
                while chunk := handle.read(CHUNK):
                    sink.write(chunk)
                self._check(file, handle)
        except FileNotFoundError:
            raise FileChangedError(file.location) from None

    def _walk(self, folder: Path, prefix: str) -> Iterator[tuple[RemoteFile, str | None]]:
        for entry in os.scandir(folder):
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if not passed_over(name):
                    yield from self._walk(Path(entry.path), f"{name}/")
            elif entry.is_symlink():
                yield from self._link(Path(entry.path), name)
            elif entry.is_file():
                yield _file(name, entry.stat()), None

    def _link(self, path: Path, name: str) -> Iterator[tuple[RemoteFile, str | None]]:
        target = path.resolve()
        if not target.is_relative_to(self.root.resolve()):
            yield RemoteFile(name, name, 0, ""), "is a link that leads out of the source's folder"
        elif target.is_file():
            yield _file(name, target.stat()), None

    @staticmethod
    def _check(file: RemoteFile, handle: BinaryIO) -> None:
        now = os.fstat(handle.fileno())
        if (now.st_size, str(now.st_mtime_ns)) != (file.size, file.version):
            raise FileChangedError(file.location)


def _file(name: str, stat: os.stat_result) -> RemoteFile:
    modified = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC)
    return RemoteFile(name, name, stat.st_size, str(stat.st_mtime_ns), modified)


@dataclass(frozen=True)
class S3Prefix:
    """The objects below a prefix of an S3 bucket, or of anything that speaks S3."""

    source: Source
    bucket: str
    prefix: str

    def list(self) -> Listing:
        """Return the objects below the prefix, by ETag."""
        with self._errors():
            return _listing(self._objects())

    def fetch(self, file: RemoteFile, sink: BinaryIO) -> None:
        """Download an object, provided that its ETag is still the listed one."""
        with self._errors(file):
            body = self._client.get_object(
                Bucket=self.bucket, Key=self.prefix + file.location, IfMatch=file.version
            )["Body"]
            sink.writelines(body.iter_chunks(CHUNK))

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
        access = connection_of_airflow(options["connection"]) if options.get("connection") else {}
        endpoint = options.get("endpoint_url") or access.pop("endpoint_url", None)
        region = options.get("region") or access.pop("region_name", None)
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
            raise CspbillError(f"{where}: {code}: {shown(detail, 200)}") from None
        except BotoCoreError as error:
            raise CspbillError(f"{where}: {shown(str(error), 300)}") from None


def connection_of_airflow(name: str) -> dict[str, str]:
    """Read an Airflow connection from ``AIRFLOW_CONN_<NAME>`` (URI or JSON) as arguments of an AWS client.

    Airflow itself is not needed. Without the variable an InputError says which one to set; no value is shown.
    """
    variable = f"AIRFLOW_CONN_{name.upper()}"
    text = os.environ.get(variable)
    if not text:
        raise InputError(f"connection {name!r}: the environment variable {variable} is not set")
    read: Callable[[str], dict[str, str]] = (
        _json_connection if text.lstrip().startswith("{") else _uri_connection
    )
    try:
        found = read(text)
    except (ValueError, AttributeError):
        raise InputError(f"connection {name!r}: {variable} is neither an Airflow URI nor JSON") from None
    return {key: value for key, value in found.items() if value}


def _json_connection(text: str) -> dict[str, str]:
    found = json.loads(text)
    extra = found.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    return _arguments(found.get("login"), found.get("password"), extra)


def _uri_connection(text: str) -> dict[str, str]:
    uri = urllib.parse.urlsplit(text)
    if not uri.scheme:
        raise ValueError
    query = dict(urllib.parse.parse_qsl(uri.query))
    extra = {**query, **json.loads(query.pop("__extra__", "{}"))}
    login, password = (urllib.parse.unquote(part or "") for part in (uri.username, uri.password))
    return _arguments(login, password, extra)


def _arguments(login: str | None, password: str | None, extra: dict[str, str]) -> dict[str, str]:
    keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "endpoint_url", "region_name")
    given = {key: str(extra[key]) for key in keys if extra.get(key)}
    return {"aws_access_key_id": login or "", "aws_secret_access_key": password or "", **given}
