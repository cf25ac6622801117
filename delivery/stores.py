"""Filesystems of object stores, by Arrow under fsspec's interface: no other library has to be installed.

Credentials come from the Airflow connection that the destination names, else from where each vendor's tools look.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cspbill.errors import CspbillError, InputError
from extractors.connections import Connection, airflow_connection

_GOOGLE_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
Options = Mapping[str, str]


def amazon(options: Options) -> Any:  # noqa: ANN401 - fsspec has no types
    """S3, or anything that speaks it, with the keys that boto3 finds, or in a role."""
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow.fs import S3FileSystem

    from extractors.stores.s3_client import open_session

    session, place = open_session(options)
    keys = session.get_credentials()
    if keys is None:
        raise CspbillError("no AWS credentials: name a connection, or set them in the environment")
    frozen, endpoint = keys.get_frozen_credentials(), urlsplit(place["endpoint_url"] or "")
    return ArrowFSWrapper(
        S3FileSystem(
            access_key=frozen.access_key,
            secret_key=frozen.secret_key,
            session_token=frozen.token,
            region=place["region_name"] or session.region_name,
            endpoint_override=endpoint.netloc or None,
            scheme=endpoint.scheme or "https",
            allow_delayed_open=True,  # one PUT for a small file
        )
    )


def google(options: Options) -> Any:  # noqa: ANN401 - fsspec has no types
    """Google Cloud Storage, with a service account's key, or as whoever runs this."""
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow.fs import GcsFileSystem

    endpoint = urlsplit(options.get("endpoint_url", ""))
    place = {"endpoint_override": endpoint.netloc or None, "scheme": endpoint.scheme or "https"}
    if not options.get("connection"):
        return ArrowFSWrapper(GcsFileSystem(anonymous=endpoint.scheme == "http", **place))
    token, expiry = _google_token(options["connection"])
    return ArrowFSWrapper(GcsFileSystem(access_token=token, credential_token_expiration=expiry, **place))


def _google_token(name: str) -> tuple[str, dt.datetime]:
    from google.auth.transport.requests import Request
    from google.oauth2 import service_account

    extra = airflow_connection(name).extra
    try:
        if text := extra.get("keyfile_dict"):
            found = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                json.loads(text), scopes=[_GOOGLE_SCOPE]
            )
        else:
            found = service_account.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
                extra.get("key_path", ""), scopes=[_GOOGLE_SCOPE]
            )
    except (ValueError, OSError):
        raise InputError(
            f"connection {name!r}: keyfile_dict or key_path is no readable service account key"
        ) from None
    found.refresh(Request())
    return str(found.token), found.expiry.replace(tzinfo=dt.UTC)


def azure(options: Options) -> Any:  # noqa: ANN401 - fsspec has no types
    """Azure Blob Storage, with an account key, a SAS token, a client secret, or as whoever runs this."""
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow.fs import AzureFileSystem

    name = options.get("connection")
    connection = airflow_connection(name) if name else _azure_environment()
    address = options.get("endpoint_url") or connection.host
    url = urlsplit(address if "://" in address else f"https://{address}") if address else urlsplit("")
    host, _, domain = url.netloc.partition(".")
    # An emulator has the account's name in the path, Azure itself in the host's name.
    account = url.path.strip("/") or host or connection.login
    if not account:
        raise InputError(
            "publish_to: endpoint_url is missing; allowed: https://<account>.blob.core.windows.net"
        )
    authority = url.netloc if url.path.strip("/") else f".{domain}" if domain else None
    place = {"blob_storage_authority": authority, "blob_storage_scheme": url.scheme or None}
    if url.path.strip("/"):
        place |= {"dfs_storage_authority": authority, "dfs_storage_scheme": url.scheme}
    return ArrowFSWrapper(AzureFileSystem(account, **place, **_azure_access(connection)))


def _azure_environment() -> Connection:
    names = {"shared_access_key": "AZURE_STORAGE_KEY", "sas_token": "AZURE_STORAGE_SAS_TOKEN"}
    extra = {key: os.environ[variable] for key, variable in names.items() if os.environ.get(variable)}
    return Connection(login=os.environ.get("AZURE_STORAGE_ACCOUNT", ""), extra=extra)


def _azure_access(connection: Connection) -> dict[str, str]:
    extra = connection.extra
    if token := extra.get("sas_token"):
        return {"sas_token": token}
    if tenant := extra.get("tenant_id"):
        return {"tenant_id": tenant, "client_id": connection.login, "client_secret": connection.password}
    key = extra.get("shared_access_key") or connection.password
    return {"account_key": key} if key else {}


def login(options: Options) -> dict[str, str]:
    """What a connection says, as fsspec's other filesystems (sftp and the like) want it."""
    if not options.get("connection"):
        return {}
    found = airflow_connection(options["connection"])
    named = {"username": found.login, "password": found.password, "host": found.host, **found.extra}
    return {key: value for key, value in named.items() if value}


def require_bucket(files: Any, bucket: str) -> None:  # noqa: ANN401 - fsspec has no types
    """Raise CspbillError when a bucket or container does not exist."""
    from pyarrow.fs import FileType

    if files.fs.get_file_info(bucket).type == FileType.NotFound:
        raise CspbillError(f"There is no bucket or container {bucket}: create it first, cspbill makes none.")


def sizes(files: Any, root: str) -> dict[str, int]:  # noqa: ANN401 - fsspec has no types
    """Size by full path of every file below ``root``."""
    if not hasattr(files, "fs"):  # not Arrow's
        return {name: int(found["size"]) for name, found in files.find(root, detail=True).items()}
    from pyarrow.fs import FileSelector

    # One request per thousand files; fsspec's own walk would ask for each folder.
    found = files.fs.get_file_info(FileSelector(root, recursive=True, allow_not_found=True))
    return {one.path: one.size for one in found if one.is_file}
